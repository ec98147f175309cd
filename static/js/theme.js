// Runs before the first paint: the look chosen on this device, and the sign that scripts run.
{
  const root = document.documentElement;
  root.classList.add('js');
  try {
    const theme = localStorage.getItem('theme'); // 'light', 'dark', or nothing for the system's
    if (theme) root.dataset.theme = theme;
  } catch { /* storage is closed: the system's look */ }
}
