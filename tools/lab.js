// What a page of JupyterLab does for tools/lab.py.
//
// What is sent to the kernel stays in `waiting` until the kernel is done with it, and `settle` waits until nothing is.
// That is no pause, and it holds for sliders too, which hold their latest value back while a message is open, and for
// widgets' messages, which JupyterLab sends to a thread of their own in the kernel.
window.downhill = {
  panel: () => window.jupyterapp?.shell.currentWidget,
  kernel: () => downhill.panel()?.sessionContext?.session?.kernel,
  frame: () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))),
  ready: () => {
    const panel = downhill.panel();
    return panel?.content?.model?.cells && panel.context.isReady && downhill.kernel()?.status === "idle";
  },
  run: () => {
    downhill.finished = false;
    jupyterapp.commands.execute("notebook:run-all-cells").finally(() => downhill.finished = true);
  },
  errors: () => Array.from(downhill.panel().content.model.cells).flatMap(cell => cell.outputs?.toJSON() ?? [])
    .filter(output => output.output_type === "error").map(output => output.traceback.join("\n")),
  open: async path => {  // another notebook in the place of the one before
    await jupyterapp.commands.execute("docmanager:open", {path, factory: "Notebook"});
  },
  close: async () => {  // without asking whether to save
    const panel = downhill.panel();
    await panel.sessionContext.shutdown();
    panel.dispose();
  },
  waiting: new Set(),
  watch: () => downhill.waiting.clear() ?? downhill.kernel().anyMessage.connect((kernel, {msg, direction}) => {
    if (direction === "send" && msg.channel === "shell") downhill.waiting.add(msg.header.msg_id);
    if (msg.content.execution_state === "idle") downhill.waiting.delete(msg.parent_header.msg_id);
  }),
  settle: async () => {
    const end = performance.now() + 60_000;
    for (let quiet = 0; quiet < 3; quiet++) {  // a frame of a live figure is drawn in the next one of the screen at most
      await new Promise(requestAnimationFrame);
      if (performance.now() > end) throw new Error("the kernel does not answer for a minute");
      if (downhill.waiting.size || document.querySelector(".live-picture[aria-busy]")) quiet = -1;
    }
    return true;
  },
  show: async element => {  // cells that come into view get their true height, and push away what was scrolled to
    const top = () => element.getBoundingClientRect().top;
    for (let before = NaN; top() !== before; await downhill.frame()) {
      before = top();
      element.scrollIntoView({block: "start"});
    }
  },
  text: element => {  // not innerText: JupyterLab does not render cells out of view
    const copy = element.cloneNode(true);
    copy.querySelectorAll("br").forEach(line => line.replaceWith("\n"));
    return copy.textContent.trim();
  },
  parts: cell => Array.from(cell.querySelectorAll(".jp-OutputArea :is(img, [role=img], [role=slider], select, input, textarea, button)"))
    .filter(part => part.checkVisibility()),
  options: select => [select.selectedOptions[0].textContent, Array.from(select.options, option => option.textContent)],
  select: element => {  // what is typed next takes the place of its text
    element.focus();
    getSelection().selectAllChildren(element);
  },
  stops: figure => Array.from(figure.querySelectorAll(".noUi-handle, select, input, button"))
    .filter(stop => stop.checkVisibility() && !stop.disabled && !stop.closest("[disabled]")),
  // Note where the focus is after each Tab (or Shift+Tab), from the first stop to the last (or back), and no farther:
  // `walked` tells the stops that had it, and those at which it could be seen. Returns how often to press the key at most.
  walk: (figure, key) => {
    const stops = downhill.stops(figure), reached = [], visible = [];
    const [first, last] = key === "Tab" ? [0, stops.length - 1] : [stops.length - 1, 0];
    let ended = false;
    const note = event => {
      if (ended || (event.key !== "Tab" && reached.length)) return;
      const element = document.activeElement, stop = stops.indexOf(element), style = getComputedStyle(element);
      if (stop >= 0) reached.push(stop);  // the others are the numbers beside sliders, which can be typed
      if (stop >= 0 && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) visible.push(stop);
      ended = stop === last || !figure.contains(element);
    };
    const hold = event => {
      if (!ended || event.key !== "Tab") return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    window.addEventListener("keyup", note, true);
    window.addEventListener("keydown", hold, true);
    downhill.walked = () => {
      window.removeEventListener("keyup", note, true);
      window.removeEventListener("keydown", hold, true);
      return [reached, visible];
    };
    stops[first].focus();
    return stops.length + figure.querySelectorAll(".widget-readout").length;
  },
  ordered: figure => {  // each control stands to the right of the one before, or below it
    const boxes = downhill.stops(figure).map(stop => stop.getBoundingClientRect());
    return boxes.slice(1).every((box, i) => box.left >= boxes[i].right - 1 || box.top >= boxes[i].top + 5);
  },
  state: async figure => {  // what a learner would see change: a digest of the picture, and the words
    const canvas = figure.querySelector(".live-picture canvas");
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    return {picture: Array.from(digest).join(), words: downhill.text(figure.querySelector(".live-words"))};
  },
  colors: element => {  // of its text and of what lies behind it: red, green and blue
    let behind = element;
    while (behind.parentElement && /, 0\)$/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
    const colors = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor];
    return colors.map(color => color.match(/[\d.]+/g).slice(0, 3).map(Number));
  },
  says: slider => {  // what is told at three places: beside the slider, to a screen reader, in the words
    const handle = slider.querySelector(".noUi-handle"), figure = slider.closest(".live-figure");
    const readout = slider.querySelector(".widget-readout").textContent.trim();
    const named = handle.getAttribute("aria-label").endsWith(`: ${readout}`);  // over given values: there the page tells an index
    return {
      readout,
      told: named ? readout : handle.getAttribute("aria-valuetext"),
      words: downhill.text(figure.querySelector(".live-words")),
      status: downhill.text(figure.querySelector(".live-status")),
    };
  },
};
