// Asks the device for a passkey. webauthnJSON comes from mfa/js/webauthn-json.js, which allauth brings.
async function optionsOf(form) {
  const kept = document.getElementById("passkey-options")
  if (kept) return JSON.parse(kept.textContent)
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } })
  if (!answer.ok) throw new Error("no options")
  return answer.json()
}

async function credentialOf(form) {
  const options = await optionsOf(form)
  if (form.dataset.passkey === "get") return window.webauthnJSON.get(options.request_options)
  const wanted = options.creation_options
  Object.assign(wanted.publicKey.authenticatorSelection, {
    residentKey: "required", requireResidentKey: true, userVerification: "required",
  })
  return window.webauthnJSON.create(wanted)
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    const trouble = form.querySelector("[data-trouble]")
    trouble.hidden = true
    const own = document.getElementById("id_own_device")
    if (form.elements.own_device && own) form.elements.own_device.value = own.checked ? "on" : ""
    try {
      form.elements.credential.value = JSON.stringify(await credentialOf(form))
    } catch {
      trouble.hidden = false
      return
    }
    form.submit()
  })
}
