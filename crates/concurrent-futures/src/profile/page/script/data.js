// The profile in this page.

const profile = JSON.parse(document.getElementById("profile").textContent);
