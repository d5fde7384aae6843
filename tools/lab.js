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
  focus: figure => {  // on which of the stops, how it shows, and whether anything of the figure has the focus
    const element = document.activeElement, style = getComputedStyle(element);
    return {
      stop: downhill.stops(figure).indexOf(element),
      visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      inside: figure.contains(element),
    };
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
