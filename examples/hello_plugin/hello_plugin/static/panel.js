// The panel: a form drawn from a task's parameters, and a long task over the image in view.

export function activate(toyz) {
  const run = Object.assign(document.createElement("button"), { textContent: "Measure the background" });
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  const list = document.createElement("ol");
  Object.assign(toyz.element.style, { display: "grid", gap: "8px", justifyItems: "start" });
  Object.assign(list.style, { display: "grid", gap: "4px", margin: 0, padding: 0 });
  toyz.element.append(toyz.form("greet"), run, status, list);

  // Rows come in the order of the file; on the screen y points up whatever that is.
  function addRow({ x, y, level, noise }) {
    const image = toyz.image();
    const place = { x, y: image?.bottom_up ? y : image?.height + 1 - y };
    const link = document.createElement("button");
    link.textContent = `${level?.toFixed(1) ?? "no value"} ± ${noise?.toFixed(1) ?? "–"} at ${place.x}, ${place.y}`;
    link.disabled = typeof image?.hdu !== "number"; // a CCD's pixels are not the mosaic's
    link.addEventListener("click", () => toyz.goTo(place));
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }

  async function measure() {
    const { path, hdu, ccds } = toyz.image();
    const parameters = { path, hdu: hdu === "mosaic" ? ccds[0].hdu : hdu, box: 512 };
    list.replaceChildren();
    run.disabled = true;
    try {
      const onProgress = ({ phase, message }) => (status.textContent = message ?? phase.toLowerCase());
      const { rows } = await toyz.call("background", parameters, { onProgress });
      status.textContent = `${rows.length} boxes`;
      list.replaceChildren();
      rows.forEach(addRow);
    } catch (error) {
      toyz.notice(error.message, "error");
    } finally {
      run.disabled = !toyz.image();
    }
  }

  run.addEventListener("click", measure);
  toyz.on("row", addRow);
  toyz.onImage((image) => {
    run.disabled = !image;
    status.textContent = image ? `${image.name}: ${image.width} × ${image.height} pixels` : "Open an image first.";
  });
}
