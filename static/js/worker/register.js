// Starts the service worker, on every page of somebody signed in: a browser without it works from its pages alone.

const { body } = document;

export async function startWorker() {
  const { serviceWorker } = navigator;
  if (!serviceWorker || !body.dataset.worker) return;
  const wasThere = serviceWorker.controller;
  await serviceWorker.register(body.dataset.worker, { type: 'module' });
  const worker = await serviceWorker.ready;
  if (!wasThere && 'offline' in body.dataset) worker.active.postMessage({ what: 'keep', url: location.href });
}
