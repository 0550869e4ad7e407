// The place in a picture stands behind the # of an address, which is lost on the way through another system.
for (const link of document.querySelectorAll("a.button")) {
  link.addEventListener("click", () => {
    if (location.hash) sessionStorage.setItem("toyz-place", location.hash);
  });
}
