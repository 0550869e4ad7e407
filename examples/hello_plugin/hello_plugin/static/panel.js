// The panel: a form drawn from the task's parameters, and a long task over the image in view.

export function activate(toyz) {
  const run = document.createElement("button");
  run.textContent = "Measure the background";
  run.className = "button";
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  const list = document.createElement("ol");
  toyz.element.append(toyz.form("greet"), run, status, list);

  function showImage() {
    const image = toyz.image();
    run.disabled = !image;
    status.textContent = image ? `${image.name}, ${image.width} × ${image.height} pixels` : "Open an image first.";
  }

  function addRow({ x, y, level, noise }) {
    const item = document.createElement("li");
    const link = document.createElement("button");
    link.textContent = `${level?.toFixed(1) ?? "no value"} ± ${noise?.toFixed(1) ?? "–"} at ${x}, ${y}`;
    link.addEventListener("click", () => toyz.goTo({ x, y }));
    item.append(link);
    list.append(item);
  }

  async function measure() {
    const image = toyz.image();
    const hdu = typeof image.hdu === "number" ? image.hdu : image.ccds[0].hdu;
    list.replaceChildren();
    run.disabled = true;
    try {
      const result = await toyz.call(
        "background",
        { path: image.path, hdu, box: 512 },
        { onProgress: ({ progress, message }) => (status.textContent = message ?? `${Math.round(100 * progress)} %`) },
      );
      status.textContent = `${result.rows.length} boxes`;
      list.replaceChildren();
      result.rows.forEach(addRow);
    } catch (error) {
      toyz.notice(error.message, "error");
      showImage();
    } finally {
      run.disabled = !toyz.image();
    }
  }

  run.addEventListener("click", measure);
  const stop = [toyz.on("row", addRow), toyz.onImage(showImage)];
  showImage();
  return () => stop.forEach((end) => end?.());
}
