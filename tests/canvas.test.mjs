// Tests of workbench/live/canvas.js without a browser, by node's own test runner: node --test tests/canvas.test.mjs
// What needs a real canvas is tested by tests/test_canvas.py and tests/test_browser.py.

import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";

// By another name: node takes a module for one only where it ends with .mjs.
const folder = await mkdtemp(join(tmpdir(), "canvas-"));
const copy = join(folder, "canvas.mjs");
await copyFile(new URL("../workbench/live/canvas.js", import.meta.url), copy);
const canvas = await import(pathToFileURL(copy));
await rm(folder, { recursive: true });

// Stand-ins of a page's objects

// A context that notes what is called and what is set: [name, ...arguments].
function noting() {
  const notes = [];
  const context = new Proxy({}, {
    get: (target, name) => {
      if (name === "measureText") return text => ({ width: 10 * text.length });
      return target[name] ?? ((...values) => void notes.push([name, ...values]));
    },
    set: (target, name, value) => {
      target[name] = value;
      notes.push([name, value]);
      return true;
    },
  });
  return { context, notes, named: (...names) => notes.filter(([name]) => names.includes(name)) };
}

class Element extends EventTarget {
  constructor(name) {
    super();
    Object.assign(this, { name, style: {}, children: [], attributes: {}, textContent: "", width: 0, height: 0 });
  }

  get lastChild() { return this.children.at(-1); }
  appendChild(child) { this.children.push(child); child.parent = this; return child; }
  remove() { this.parent.children.splice(this.parent.children.indexOf(this), 1); }
  getContext() { return (this.context ??= noting()).context; }
  getBoundingClientRect() { return { left: 100, top: 50, width: 450, height: 200 }; }
  setPointerCapture(id) { this.captured = id; }
  getAttribute(name) { return this.attributes[name] ?? null; }
  setAttribute(name, value) { this.attributes[name] = value; }
}

let observers, frames;  // of the page: what resizes, what waits for the next frame of the screen

beforeEach(() => {
  [observers, frames] = [[], []];
  Object.assign(globalThis, {
    document: { createElement: name => new Element(name) },
    devicePixelRatio: 2,
    CustomEvent: Event,
    Path2D: class {
      constructor() { this.steps = []; }
      moveTo(...place) { this.steps.push(["moveTo", ...place]); }
      lineTo(...place) { this.steps.push(["lineTo", ...place]); }
      closePath() { this.steps.push(["closePath"]); }
    },
    ResizeObserver: class {
      constructor(tell) { observers.push(tell); }
      observe() {}
      disconnect() {}
    },
    requestAnimationFrame: call => frames.push(call),
    cancelAnimationFrame: () => {},
  });
});

const nextFrame = () => frames.splice(0).forEach(call => call());

// A packed recording. Vertices are [code, x, y].
function recording({ operations = [], styles = [], clips = [null], vertices = [], images = [] } = {}) {
  const places = new Float32Array(vertices.flatMap(([, x, y]) => [x, y]));
  const shifted = new Uint8Array(places.byteLength + 1);  // messages begin anywhere in a buffer
  shifted.set(new Uint8Array(places.buffer), 1);
  return {
    operations,
    styles,
    clips,
    vertices: new DataView(shifted.buffer, 1),
    codes: new DataView(new Uint8Array(vertices.map(([code]) => code)).buffer),
    images: new DataView(new Uint8Array(images).buffer),
  };
}

const BLACK_LINE = [null, "#000000ff", 2, [4, 1], 0.5, "butt", "round"];
const RED_FILL = ["#ff0000ff", null, 0, [], 0, "", ""];
const TRIANGLE = [[1, 0, 0], [2, 4, 0], [2, 4, 3.5], [79, 0, 0]];

function painted(parts, ratio = 1) {
  const found = noting();
  canvas.paint(found.context, canvas.decode(recording(parts)), ratio);
  return found;
}

// Recordings

test("numbers may begin anywhere in a message", () => {
  const { vertices, codes } = canvas.decode(recording({ vertices: TRIANGLE }));
  assert.deepEqual(Array.from(vertices), [0, 0, 4, 0, 4, 3.5, 0, 0]);
  assert.deepEqual(Array.from(codes), [1, 2, 2, 79]);
});

test("a recording without buffers is an empty one", () => {
  const { vertices, images } = canvas.decode({ styles: [], clips: [], operations: [] });
  assert.equal(vertices.length + images.length, 0);
});

test("every code of Matplotlib's is traced", () => {
  const { context, notes } = noting();
  const vertices = [[1, 1, 2], [2, 3, 4], [3, 5, 6], [3, 7, 8], [4, 1, 1], [4, 2, 2], [4, 3, 3], [79, 0, 0]];
  canvas.trace(context, canvas.decode(recording({ vertices })), 0, vertices.length);
  assert.deepEqual(notes, [
    ["moveTo", 1, 2],
    ["lineTo", 3, 4],
    ["quadraticCurveTo", 5, 6, 7, 8],
    ["bezierCurveTo", 1, 1, 2, 2, 3, 3],
    ["closePath"],
  ]);
});

test("a code that is none is refused", () => {
  const wrong = canvas.decode(recording({ vertices: [[1, 0, 0], [5, 0, 0]] }));
  assert.throws(() => canvas.trace(noting().context, wrong, 0, 2), /vertex 1 has code 5; allowed: 1, 2, 3, 4, 79/);
});

test("a line is stroked as its style says, and only that", () => {
  const { notes, named } = painted({ styles: [BLACK_LINE], vertices: TRIANGLE, operations: [["path", 0, 0, 0, 4]] });
  assert.deepEqual(named("moveTo", "lineTo", "closePath"), [
    ["moveTo", 0, 0], ["lineTo", 4, 0], ["lineTo", 4, 3.5], ["closePath"],
  ]);
  for (const [name, value] of Object.entries({
    strokeStyle: "#000000ff", lineWidth: 2, lineDashOffset: 0.5, lineCap: "butt", lineJoin: "round",
  })) assert.deepEqual(named(name), [[name, value]]);
  assert.deepEqual(named("setLineDash"), [["setLineDash", [4, 1]]]);
  assert.deepEqual(named("stroke", "fill"), [["stroke"]]);
  assert.deepEqual(notes.filter(([name]) => name === "save").length, named("restore").length);
});

test("an area is filled, not stroked", () => {
  const { named } = painted({ styles: [RED_FILL], vertices: TRIANGLE, operations: [["path", 0, 0, 0, 4]] });
  assert.deepEqual(named("fillStyle", "fill", "stroke"), [["fillStyle", "#ff0000ff"], ["fill"]]);
});

test("a clip holds until another one comes", () => {
  const operations = [0, 0, 1, 2].map(clip => ["path", 0, clip, 0, 4]);
  const { named } = painted({ styles: [RED_FILL], clips: [[1, 2, 11, 22], null, [0, 0, 5, 5]], vertices: TRIANGLE, operations });
  assert.deepEqual(named("rect", "fill"), [
    ["rect", 1, 2, 10, 20], ["fill"], ["fill"], ["fill"], ["rect", 0, 0, 5, 5], ["fill"],
  ]);
  assert.equal(named("save").length, named("restore").length);
});

test("a marker is drawn at every place, on whole pixels of the screen", () => {
  const vertices = [...TRIANGLE, [1, 10.2, 20.9], [1, 30, 40.3]];
  for (const [ratio, middle, places] of [
    [1, false, [[10, 21], [30, 40]]],
    [1, true, [[10.5, 21.5], [30.5, 40.5]]],
    [2, false, [[20, 42], [60, 81]]],
  ]) {
    const operations = [["markers", 0, 0, 0, 4, 2, middle]];
    const { named } = painted({ styles: [RED_FILL], vertices, operations }, ratio);
    const moves = named("setTransform").map(([, ...matrix]) => matrix).filter(matrix => matrix[4]);
    assert.deepEqual(moves, places.map(place => [ratio, 0, 0, ratio, ...place]));
    assert.equal(named("fill").length, 2);
  }
});

test("a text is as wide as Agg makes it, its baseline on a whole pixel", () => {
  const { named } = painted({ styles: [[12.5, "#00ff00ff"]], operations: [["text", 0, 0, 7.3, 20.4, 33, 0, "abc"]] }, 2);
  assert.match(named("font")[0][1], /^12\.5px "Downhill DejaVu Sans", /);
  assert.deepEqual(named("translate", "rotate", "scale", "fillText"), [
    ["translate", 7.3, 20.5], ["scale", 1.1, 1], ["fillText", "abc", 0, 0],
  ]);
});

test("a text that is turned", () => {
  const { named } = painted({ styles: [[10, "#000000ff"]], operations: [["text", 0, 0, 7.3, 20.4, 30, 90, "abc"]] });
  assert.deepEqual(named("translate", "rotate"), [["translate", 7, 20], ["rotate", -Math.PI / 2]]);
});

test("an operation that is none is refused", () => {
  assert.throws(() => painted({ operations: [["hatch", 0, 0]] }), /an operation is "hatch"; allowed: path, markers/);
});

test("gray pixels become four bytes", () => {
  assert.deepEqual(Array.from(canvas.rgba(new Uint8Array([7, 200]), 1)), [7, 7, 7, 255, 200, 200, 200, 255]);
  assert.deepEqual(Array.from(canvas.rgba(new Uint8Array([1, 2, 3, 4]), 4)), [1, 2, 3, 4]);
});

// The picture

const empty = () => ({ base: recording(), scenery: recording(), moving: recording() });
const SIZE = { contentRect: { width: 450, height: 200 } };

function picture(shown) {
  const element = new Element("div");
  const made = new canvas.Picture(element, [900, 400]);
  const drawn = { count: 0 };
  element.addEventListener("live-drawn", () => drawn.count++);
  if (shown) made.show(shown);
  return { made, drawn, element, resize: entry => observers.at(-1)([entry]) };
}

test("nothing is drawn before the size is known; then with as many pixels as the screen has", () => {
  const { made, drawn, resize } = picture(empty());
  assert.equal(drawn.count, 0);
  resize(SIZE);
  assert.equal(drawn.count, 1);
  assert.deepEqual([made.canvas.width, made.canvas.height], [900, 400]);
});

test("the same size again draws nothing, another one draws without new recordings", () => {
  const { made, drawn, resize } = picture(empty());
  for (const entry of [SIZE, SIZE, { contentRect: { width: 0, height: 0 } }]) resize(entry);
  assert.equal(drawn.count, 1);
  globalThis.devicePixelRatio = 3;  // zoom
  resize(SIZE);
  assert.equal(drawn.count, 2);
  assert.deepEqual([made.canvas.width, made.canvas.height], [1350, 600]);
});

test("between two frames of the screen the first recording and the latest are drawn, no other", () => {
  const { made, drawn, resize } = picture(empty());
  resize(SIZE);
  nextFrame();
  const shown = [1, 2, 3, 4].map(n => ({ ...made.shown, moving: recording({ styles: [n] }) }));
  for (const recordings of shown) made.show(recordings);
  assert.equal(drawn.count, 2);
  assert.deepEqual(made.decoded.moving.styles, [1]);
  nextFrame();
  assert.equal(drawn.count, 3);
  assert.deepEqual(made.decoded.moving.styles, [4]);
  nextFrame();
  assert.equal(drawn.count, 3);
});

test("what is shown already is not drawn again", () => {
  const { made, drawn, resize } = picture(empty());
  resize(SIZE);
  nextFrame();
  made.show({ ...made.shown });
  nextFrame();
  assert.equal(drawn.count, 1);
});

test("what stands is painted again only when it has changed", () => {
  const { made, resize } = picture(empty());
  resize(SIZE);
  const paints = () => made.still.context.named("setTransform").length;
  const before = paints();
  nextFrame();
  made.show({ ...made.shown, moving: recording() });
  assert.equal(paints(), before);
  nextFrame();
  made.show({ ...made.shown, scenery: recording() });
  assert.ok(paints() > before);
  nextFrame();
  const scenery = paints();
  made.redraw();  // the face has come
  assert.ok(paints() > scenery);
});

test("pixels of the screen are those that the browser counts, unless it counts pixels of CSS", () => {
  const contentRect = { width: 100.2, height: 50.4 };
  assert.deepEqual(canvas.screenPixels({ contentRect }, 1.5), [150, 76]);
  const of = (inlineSize, blockSize) => ({ contentRect, devicePixelContentBoxSize: [{ inlineSize, blockSize }] });
  assert.deepEqual(canvas.screenPixels(of(151, 75), 1.5), [151, 75]);
  assert.deepEqual(canvas.screenPixels(of(100, 50), 2), [200, 101]);
});

// Words, names, the pointer

test("lines that have not changed are left alone", () => {
  const words = new Element("div");
  canvas.write(words, "a title\nx = 1\nIt is here.");
  const [title, , last] = words.children;
  const set = [];
  for (const line of words.children) {
    let text = line.textContent;
    Object.defineProperty(line, "textContent", { get: () => text, set: value => { set.push(value); text = value; } });
  }
  canvas.write(words, "a title\nx = 2\nIt is here.");
  assert.deepEqual(set, ["\nx = 2"]);
  assert.deepEqual([words.children[0], words.children[2]], [title, last]);
  canvas.write(words, "a title");
  assert.deepEqual(words.children, [title]);
});

test("handles get their names, and keep them while they stay right", () => {
  const handle = new Element("div");
  const figure = { querySelectorAll: selector => selector === ".control-lr .noUi-handle" ? [handle] : [] };
  canvas.nameHandles(figure, { lr: "η: 0.1", steps: "updates" });
  assert.equal(handle.getAttribute("aria-label"), "η: 0.1");
  handle.setAttribute = () => assert.fail("it was right");
  canvas.nameHandles(figure, { lr: "η: 0.1" });
});

// A readout beside a slider whose focus an event brings or takes; what it says of the figure's events bubbles by hand.
function typing() {
  const [figure, readout, typed] = [new Element("div"), new Element("div"), []];
  readout.textContent = "0.5";
  readout.closest = selector => selector === ".widget-readout" ? readout : { className: "widget-box control-width_h" };
  readout.blur = () => tell("focusout");
  const tell = (type, more) => {
    const event = Object.assign(new Event(type, { cancelable: true }), more);
    Object.defineProperty(event, "target", { value: readout });
    figure.dispatchEvent(event);
    return event;
  };
  canvas.listenToNumbers(figure, text => typed.push(text));
  const write = text => {
    tell("focusin");
    readout.textContent = text;
  };
  return { readout, typed, tell, write };
}

test("what is typed is told with Enter and when the focus goes on; the readout waits for the slider", () => {
  for (const leave of [({ tell }) => tell("keydown", { key: "Enter" }), ({ tell }) => tell("focusout")]) {
    const page = typing();
    page.write(" 0.001");
    leave(page);
    assert.deepEqual(page.typed.map(([name, text]) => [name, text]), [["width_h", "0.001"]]);
    assert.equal(page.readout.textContent, "0.5");
  }
});

test("Enter tells a text that is as before, too: what was wrong with the last one is settled", () => {
  const page = typing();
  page.write("0.5");
  page.tell("keydown", { key: "Enter" });
  assert.equal(page.typed[0][1], "0.5");
});

test("Enter goes no further, other keys do", () => {
  const page = typing();
  page.write("1");
  assert(!page.tell("keydown", { key: "2" }).defaultPrevented);
  assert(page.tell("keydown", { key: "Enter" }).defaultPrevented);
});

test("Escape takes back what was typed, and the same text tells nothing", () => {
  const page = typing();
  page.write("7");
  page.tell("keydown", { key: "Escape" });
  page.write("0.5");
  page.tell("focusout");
  assert.equal(page.readout.textContent, "0.5");
  assert.deepEqual(page.typed, []);
});

test("the same number typed twice is told twice", () => {
  const page = typing();
  for (let i = 0; i < 2; i++) {
    page.write("7");
    page.tell("focusout");
  }
  assert.notEqual(page.typed[0][2], page.typed[1][2]);
});

test("places are in pixels of the figure, fractions included", () => {
  const box = { left: 100, top: 50, width: 450, height: 200 };
  assert.deepEqual(canvas.placeIn({ clientX: 100, clientY: 50 }, box, [900, 400]), [0, 0]);
  assert.deepEqual(canvas.placeIn({ clientX: 325.25, clientY: 150 }, box, [900, 400]), [450.5, 200]);
});

function pointer(type, clientX, clientY, more = {}) {
  return Object.assign(new Event(type), { clientX, clientY, button: 0, isPrimary: true, pointerId: 7 }, more);
}

function dragged() {
  const [element, moved] = [new Element("div"), []];
  canvas.listen(element, { axes: [90, 40, 450, 360], action: "pinch-zoom" }, [900, 400], stroke => moved.push(stroke));
  return { field: element.children[0], moved };
}

test("a field for the pointer lies over the axes, and takes fingers there", () => {
  const { field } = dragged();
  assert.deepEqual(field.style, { left: "10%", top: "10%", width: "40%", height: "80%", touchAction: "pinch-zoom" });
});

test("a stroke is told from the press to the release, with where it began", () => {
  const { field, moved } = dragged();
  field.dispatchEvent(pointer("pointermove", 200, 100));  // only passes
  assert.deepEqual(moved, []);
  field.dispatchEvent(pointer("pointerdown", 200, 100));
  field.dispatchEvent(pointer("pointermove", 210.5, 100));
  field.dispatchEvent(pointer("pointerup", 220, 110));
  field.dispatchEvent(new Event("lostpointercapture"));
  field.dispatchEvent(pointer("pointermove", 300, 100));
  assert.equal(field.captured, 7);
  assert.deepEqual(moved.map(([, ...places]) => places), [
    [200, 100, 200, 100], [200, 100, 221, 100], [200, 100, 240, 120],
  ]);
  assert.equal(new Set(moved.map(([stroke]) => stroke)).size, 1);
  field.dispatchEvent(pointer("pointerdown", 200, 100));
  assert.notEqual(moved.at(-1)[0], moved[0][0]);
});

test("a second finger and other buttons do nothing", () => {
  const { field, moved } = dragged();
  field.dispatchEvent(pointer("pointerdown", 200, 100, { button: 2 }));
  field.dispatchEvent(pointer("pointerdown", 200, 100, { isPrimary: false }));
  assert.deepEqual(moved, []);
});
