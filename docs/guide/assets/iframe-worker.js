"use strict";

/*
 * The search runs in a Web Worker, which browsers refuse to pages that are opened as files. There,
 * a frame that nobody sees does the same: it has a global object of its own for the script.
 */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      const inside = (this.inside = frame.contentWindow);
      inside.postMessage = (data) => this.tell(this, data);
      const script = inside.document.createElement("script");
      script.src = new URL(url, location.href).href;
      this.started = new Promise((resolve, reject) => {
        script.onload = resolve;
        script.onerror = reject;
      });
      inside.document.body.append(script);
      this.frame = frame;
    }

    tell(target, data) {
      const event = new MessageEvent("message", { data });
      target.dispatchEvent(event);
      target.onmessage?.(event);
    }

    postMessage(data) {
      this.started.then(() => this.tell(this.inside, data));
    }

    terminate() {
      this.frame.remove();
    }
  };
}
