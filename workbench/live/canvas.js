// What a page does for a live figure: it draws what recording.py noted on a canvas, and tells the kernel of the pointer.
//
// A figure comes in three recordings, each on top of the one before: `base` (drawn once), `scenery` (for another
// landscape) and `moving` (with every step). The first two are kept as pixels. A recording is kept, too, so that zooming
// and resizing draw it anew, sharp, without asking the kernel. All places are in pixels of the figure.

const FACE = "Downhill DejaVu Sans";  // a name of its own: the reader's machine may have another version
const FALLBACK = `"${FACE}", "DejaVu Sans", Verdana, sans-serif`;  // until the face has come
const [MOVETO, LINETO, CURVE3, CURVE4, CLOSEPOLY] = [1, 2, 3, 4, 79];  // Matplotlib's codes of vertices

// Recordings

// A recording as it came, its buffers as arrays of numbers.
export function decode(recording) {
  const bytes = name => {
    const view = recording[name];
    return view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array();
  };
  const { styles, clips, operations } = recording;
  const vertices = new Float32Array(bytes("vertices").slice().buffer);  // a copy, which starts where numbers may start
  return { styles, clips, operations, vertices, codes: bytes("codes"), images: bytes("images") };
}

// Add `count` vertices from `first` on to a path, which is a context or a Path2D.
export function trace(path, { vertices, codes }, first, count) {
  const at = i => [vertices[2 * i], vertices[2 * i + 1]];
  for (let i = first; i < first + count; i++) {
    const code = codes[i];
    if (code === LINETO) path.lineTo(vertices[2 * i], vertices[2 * i + 1]);
    else if (code === MOVETO) path.moveTo(vertices[2 * i], vertices[2 * i + 1]);
    else if (code === CLOSEPOLY) path.closePath();
    else if (code === CURVE3) path.quadraticCurveTo(...at(i), ...at(++i));
    else if (code === CURVE4) path.bezierCurveTo(...at(i), ...at(++i), ...at(++i));
    else throw new Error(`vertex ${i} has code ${code}; allowed: 1, 2, 3, 4, 79`);
  }
}

// Draw a decoded recording; `ratio` is pixels of the canvas for a pixel of the figure.
export function paint(context, recording, ratio) {
  const { styles, clips, operations, vertices } = recording;
  const plain = () => context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const within = clip => {
    context.save();
    plain();
    context.textRendering = "geometricPrecision";
    context.imageSmoothingEnabled = false;
    context.miterLimit = 4;  // Agg's
    if (!clip) return;
    const [left, top, right, bottom] = clip;
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
  };
  let clipped = null, imageAt = 0;
  within(clipped);
  for (const [kind, ...operation] of operations) {
    const clip = clips[operation[kind === "image" ? 0 : 1]];
    if (clip !== clipped) {
      context.restore();
      within(clipped = clip);
    }
    if (kind === "path") {
      const [style, , first, count] = operation;
      context.beginPath();
      trace(context, recording, first, count);
      draw(context, styles[style]);
    } else if (kind === "markers") {
      const [style, , first, count, places, middle] = operation;
      const marker = new Path2D();
      trace(marker, recording, first, count);
      for (let i = first + count; i < first + count + places; i++) {
        const [x, y] = [markerPlace(vertices[2 * i], ratio, middle), markerPlace(vertices[2 * i + 1], ratio, middle)];
        context.setTransform(ratio, 0, 0, ratio, x, y);
        draw(context, styles[style], marker);
      }
      plain();
    } else if (kind === "text") {
      const [style, , x, y, width, angle, text] = operation;
      const [size, color] = styles[style];
      const [left, baseline] = textPlace(x, y, angle, ratio);
      context.font = `${size}px ${FALLBACK}`;
      context.fillStyle = color;
      context.translate(left, baseline);
      if (angle) context.rotate(-angle * Math.PI / 180);
      context.scale(width / measured(context, text), 1);  // Agg's letters stand on pixels, and a little wider apart
      context.fillText(text, 0, 0);
      plain();
    } else if (kind === "image") {
      const [, matrix, width, height, opacity, depth] = operation;
      const size = width * height * depth;
      const image = imageOf(recording.images.subarray(imageAt, imageAt + size), width, height, depth);
      imageAt += size;
      context.globalAlpha = opacity;
      context.transform(...matrix);
      context.drawImage(image, 0, 0);
      context.globalAlpha = 1;
      plain();
    } else {
      throw new Error(`an operation is "${kind}"; allowed: path, markers, text, image`);
    }
  }
  context.restore();
}

// The width of a text in the font of the context.
function measured(context, text) {
  const key = `${context.font} ${text}`;
  if (!widths.has(key)) {
    if (widths.size > 1000) widths.clear();
    widths.set(key, context.measureText(text).width || 1);
  }
  return widths.get(key);
}

const widths = new Map();

// Fill and stroke a Path2D, or the path of the context.
function draw(context, [fill, stroke, width, dashes, start, cap, join], path) {
  if (fill) {
    context.fillStyle = fill;
    if (path) context.fill(path);
    else context.fill();
  }
  if (stroke) {
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.setLineDash(dashes);
    context.lineDashOffset = start;
    context.lineCap = cap;
    context.lineJoin = join;
    if (path) context.stroke(path);
    else context.stroke();
  }
}

// Where on the canvas a marker stands: on whole pixels, or in the middle of them, as Agg's markers do.
export function markerPlace(place, ratio, middle) {
  return Math.floor(place * ratio + 0.5) + (middle ? 0.5 : 0);
}

// Where a text starts: the baseline stands on a whole pixel of the canvas.
export function textPlace(x, y, angle, ratio) {
  const whole = place => Math.round(place * ratio) / ratio;
  return [angle ? whole(x) : x, whole(y)];
}

// Pixels of one byte (gray) or four (red, green, blue, opacity) as four.
export function rgba(bytes, depth) {
  if (depth === 4) return new Uint8ClampedArray(bytes);
  const pixels = new Uint8ClampedArray(4 * bytes.length).fill(255);
  bytes.forEach((gray, i) => pixels.fill(gray, 4 * i, 4 * i + 3));
  return pixels;
}

function imageOf(bytes, width, height, depth) {
  const image = new OffscreenCanvas(width, height);
  image.getContext("2d").putImageData(new ImageData(rgba(bytes, depth), width, height), 0, 0);
  return image;
}

// The face

let face;  // one promise for all figures of the page

// Let the page have the face; resolves to whether it was loaded by this call or an earlier one.
export function loadFace(bytes) {
  face ??= new FontFace(FACE, bytes).load().then(loaded => document.fonts.add(loaded));
  return face;
}

// The widget that holds the face, which all figures of a kernel name.
async function faceOf(model) {
  if (Array.from(document.fonts).some(({ family }) => family.replaceAll('"', "") === FACE)) return;
  const found = await model.widget_manager.get_model(model.get("face").replace("IPY_MODEL_", ""));
  await loadFace(found.get("data"));
}

// A picture on the page

// Width and height of what a ResizeObserver found, in pixels of the screen: as the browser counts them, where it does.
export function screenPixels({ contentRect: { width, height }, devicePixelContentBoxSize: [box] = [] }, ratio) {
  const [across, down] = [width * ratio, height * ratio];
  // Some count pixels of CSS instead: Chromium where the ratio is emulated.
  if (box && Math.abs(box.inlineSize - across) < 1.5) return [box.inlineSize, box.blockSize];
  return [Math.round(across), Math.round(down)];
}

export class Picture {
  // element: where the canvas goes. size: width and height of the figure.
  constructor(element, [width, height]) {
    Object.assign(this, { element, width, height, shown: {}, decoded: {}, still: document.createElement("canvas") });
    this.canvas = element.appendChild(document.createElement("canvas"));
    this.observer = new ResizeObserver(entries => this.resize(entries[0]));
    try {
      this.observer.observe(this.canvas, { box: "device-pixel-content-box" });
    } catch {  // Safari
      this.observer.observe(this.canvas);
    }
  }

  // The canvas gets as many pixels as the screen has there.
  resize(entry) {
    const pixels = screenPixels(entry, devicePixelRatio);
    const same = this.pixels && pixels.every((n, i) => n === this.pixels[i]);
    if (pixels.includes(0) || (same && !this.waits)) return;
    this.pixels = pixels;
    this.draw();
  }

  // Show recordings, by name. Between two frames of the screen only the first and the latest are drawn.
  show(recordings) {
    if (Object.entries(recordings).every(([name, recording]) => this.shown[name] === recording)) return;
    this.shown = recordings;
    this.waits = true;
    if (this.pixels && !this.frame) this.draw();
  }

  // Draw all anew: the face has come.
  redraw() {
    widths.clear();
    this.still.width = 0;
    if (this.pixels) this.draw();
  }

  draw() {
    const { canvas, still, shown, decoded, pixels: [width, height] } = this;
    const ratio = width / this.width;
    const changed = ["base", "scenery", "moving"].filter(name => decoded[name]?.source !== shown[name]);
    for (const name of changed) decoded[name] = { source: shown[name], ...decode(shown[name]) };
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const resized = still.width !== width || still.height !== height;
    if (resized) Object.assign(still, { width, height });
    if (resized || changed.some(name => name !== "moving")) {
      const context = still.getContext("2d", { alpha: false });
      paint(context, decoded.base, ratio);
      paint(context, decoded.scenery, ratio);
    }
    const context = canvas.getContext("2d", { alpha: false });
    context.drawImage(still, 0, 0);
    paint(context, decoded.moving, ratio);
    this.waits = false;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      if (this.waits) this.draw();
    });
    this.element.dispatchEvent(new CustomEvent("live-drawn"));
  }

  // The picture as it stands, as a PNG of `ratio` pixels for each of the figure's: 3 are 300 an inch, as for print.
  blob(ratio = 3) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: ratio * this.width, height: ratio * this.height });
    const context = canvas.getContext("2d", { alpha: false });
    for (const name of ["base", "scenery", "moving"]) paint(context, decode(this.shown[name]), ratio);
    return new Promise(done => canvas.toBlob(done, "image/png"));
  }

  remove() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  }
}

// Words

// Write lines, leaving alone those that have not changed: a screen reader reads what has.
export function write(element, text) {
  const lines = text.split("\n").map((line, i) => (i ? "\n" : "") + line);
  lines.forEach((line, i) => {
    const span = element.children[i] ?? element.appendChild(document.createElement("span"));
    if (span.textContent !== line) span.textContent = line;
  });
  while (element.children.length > lines.length) element.lastChild.remove();
}

// What lies under the words stays where it is: they keep the height of the longest text so far, at this width.
function keepHeight(words) {
  let width;
  const observer = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width !== width) {
      width = contentRect.width;
      words.style.minHeight = "";
    } else {
      words.style.minHeight = `${contentRect.height}px`;
    }
  });
  observer.observe(words);
  return () => observer.disconnect();
}

// Files

// Let the browser download a blob under a name.
export function download(blob, name) {
  const link = document.createElement("a");
  Object.assign(link, { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// The pointer

// Where an event is, in pixels of a figure of this size, fractions included, within the box that the figure fills.
export function placeIn({ clientX, clientY }, box, [width, height]) {
  return [(clientX - box.left) / box.width * width, (clientY - box.top) / box.height * height];
}

// Lay a field over the axes that can be dragged on; tells `moved` where the pointer is while it is held: [number of the
// stroke, x and y where it began, x and y now]. Beside the field a finger scrolls the page.
export function listen(picture, { axes: [left, top, right, bottom], action }, size, moved) {
  const field = picture.appendChild(document.createElement("div"));
  field.className = "live-drag";
  const percent = (part, whole) => `${100 * part / whole}%`;
  Object.assign(field.style, {
    left: percent(left, size[0]),
    top: percent(top, size[1]),
    width: percent(right - left, size[0]),
    height: percent(bottom - top, size[1]),
    touchAction: action,
  });
  let stroke = 0, start = null;
  const tell = event => moved([stroke, ...start, ...placeIn(event, picture.getBoundingClientRect(), size)]);
  field.addEventListener("pointerdown", event => {
    if (event.button || !event.isPrimary) return;
    field.setPointerCapture(event.pointerId);
    stroke = Math.random();  // a number that no other view of the figure gives
    start = placeIn(event, picture.getBoundingClientRect(), size);
    tell(event);
  });
  for (const type of ["pointermove", "pointerup"]) {
    field.addEventListener(type, event => {
      if (start && event.isPrimary) tell(event);
    });
  }
  field.addEventListener("lostpointercapture", () => start = null);
}

// Keys

// Keys that move a slider are its own: Notebook 7 takes the arrows for itself, and asks for this attribute before.
// The window is told of a key before the document, where Jupyter listens.
function keepKeys(figure) {
  const on = event => {
    const handle = event.target.closest?.(".noUi-handle");
    if (!handle || !figure.contains(handle)) return;
    const moves = /^(Arrow|Page|Home|End)/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
    handle.toggleAttribute("data-lm-suppress-shortcuts", moves);
  };
  window.addEventListener("keydown", on, true);
  return () => window.removeEventListener("keydown", on, true);
}

// Typed numbers

// Take what is typed beside the sliders of a figure, with Enter or when the focus goes on; Escape takes it back. By
// itself ipywidgets takes it with Enter only, and beside a slider over given values it leaves it there, not taken.
// `typed` is told [name of the control, text, a number that no other text has]; the readout follows the slider.
export function listenToNumbers(figure, typed) {
  let before = "", entered = false;
  const readoutOf = event => event.target.closest(".widget-readout");
  const on = (type, act, capture) => figure.addEventListener(type, event => {
    const readout = readoutOf(event);
    if (readout) act(readout, event);
  }, capture);
  on("focusin", readout => before = readout.textContent);
  on("keydown", (readout, event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    if (event.key === "Escape") readout.textContent = before;
    else entered = true;
    event.preventDefault();
    event.stopPropagation();
    readout.blur();
  }, true);
  on("focusout", readout => {
    const text = readout.textContent.trim();
    if (text === before.trim() && !entered) return;
    entered = false;
    readout.textContent = before;
    typed([/(?:^|\s)control-(\S+)/.exec(readout.closest("[class*=control-]").className)[1], text, Math.random()]);
  });
}

// Names

// Give the handles of sliders their names for screen readers, which ipywidgets leaves out.
export function nameHandles(figure, names) {
  for (const [control, name] of Object.entries(names)) {
    for (const handle of figure.querySelectorAll(`.control-${control} .noUi-handle`)) {
      if (handle.getAttribute("aria-label") !== name) handle.setAttribute("aria-label", name);
    }
  }
}

// The widget

function render({ model, el }) {
  const part = (name, role) => {
    const element = el.appendChild(document.createElement("div"));
    element.className = `live-${name}`;
    element.setAttribute("role", role);
    return element;
  };
  const size = model.get("size");
  const [element, words, status] = [part("picture", "img"), part("words", "status"), part("status", "alert")];
  const code = part("code", "status");
  element.style.width = `${size[0]}px`;
  element.style.aspectRatio = `${size[0]} / ${size[1]}`;
  const picture = new Picture(element, size);
  const show = () => {
    const [said, failed] = [model.get("words"), model.get("status")];
    picture.show({ base: model.get("base"), scenery: model.get("scenery"), moving: model.get("moving") });
    if (element.getAttribute("aria-label") !== said) element.setAttribute("aria-label", said);
    write(words, said);
    if (status.textContent !== failed) status.textContent = failed;
  };
  const showCode = () => {
    const line = model.get("code");
    code.textContent = line;
    if (!line || !asked) return;
    asked = false;  // another view of the figure did not ask
    code.scrollIntoView({ block: "nearest" });
    navigator.clipboard?.writeText(line).catch(() => {});  // where the browser allows it; the line can be selected
  };
  let asked = false;
  const pressed = async event => {
    if (event.target.closest(".live-as-code")) {
      asked = true;
      showCode();
    } else if (event.target.closest(".live-save")) {
      download(await picture.blob(), `${model.get("name").toLowerCase()}.png`);
    }
  };
  const name = () => {
    const figure = el.closest(".live-figure");
    if (figure) nameHandles(figure, model.get("names"));
  };
  show();
  showCode();
  element.setAttribute("aria-busy", "true");  // until it has its own face
  faceOf(model).then(() => picture.redraw()).finally(() => element.removeAttribute("aria-busy"));
  model.on("change", show);
  model.on("change:names", name);
  model.on("change:code", showCode);
  if (model.get("drag")) {
    listen(element, model.get("drag"), size, stroke => {
      model.set("pointer", stroke);
      model.save_changes();
    });
  }
  // Sliders come when they are ready, and some are made anew.
  const observer = new MutationObserver(name);
  const ends = [keepHeight(words), keepHeight(code)];
  const arrived = requestAnimationFrame(function find() {
    const controls = el.closest(".live-figure")?.firstElementChild;
    if (!controls) return requestAnimationFrame(find);
    name();
    observer.observe(controls, { childList: true, subtree: true });
    controls.addEventListener("click", pressed);
    ends.push(() => controls.removeEventListener("click", pressed));
    listenToNumbers(controls, text => {
      model.set("typed", text);
      model.save_changes();
    });
    ends.push(keepKeys(controls));
  });
  return () => {
    model.off("change", show);
    model.off("change:names", name);
    model.off("change:code", showCode);
    cancelAnimationFrame(arrived);
    observer.disconnect();
    ends.forEach(end => end());
    picture.remove();
  };
}

export default { render };
