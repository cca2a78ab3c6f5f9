// Put into the page by the tests: remembers the microphone's stream, and records streams as they are.
(() => {
  const worklet = `
    registerProcessor("recorder", class extends AudioWorkletProcessor {
      #block = new Float32Array(2048);
      #filled = 0;
      process([input]) {
        const quantum = input[0] ?? new Float32Array(128);
        this.#block.set(quantum, this.#filled);
        this.#filled += quantum.length;
        if (this.#filled === this.#block.length) {
          // the wall clock at the end of the block; frames count from the start of the context
          this.port.postMessage({ block: this.#block, end: currentFrame + quantum.length, wall_ms: Date.now() });
          this.#block = new Float32Array(2048);
          this.#filled = 0;
        }
        return true;
      }
    });`;
  const media = navigator.mediaDevices;
  const getUserMedia = media?.getUserMedia.bind(media);
  const tests = { microphone: null, recordings: {} };
  window.sottoTests = tests;
  if (media) {
    media.getUserMedia = async (constraints) => (tests.microphone = await getUserMedia(constraints));
  }
  const stream = (what) =>
    what === "microphone" ? tests.microphone : (document.querySelector("audio")?.srcObject ?? null);

  let context = null;
  const ready = async () => {
    if (context === null) {
      context = new AudioContext({ sampleRate: 48000 });
      const url = URL.createObjectURL(new Blob([worklet], { type: "text/javascript" }));
      await context.audioWorklet.addModule(url);
    }
    await context.resume();
    return context;
  };

  tests.record = async (what) => {
    const context = await ready();
    const node = new AudioWorkletNode(context, "recorder", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    const recording = { node, blocks: [], stamps: [], stream: null, source: null };
    node.port.onmessage = ({ data }) => {
      recording.blocks.push(data.block);
      recording.stamps.push([data.end, data.wall_ms]);
    };
    // a page that reconnects plays another stream
    const follow = () => {
      const now = stream(what);
      if (now === recording.stream) return;
      recording.source?.disconnect();
      recording.stream = now;
      recording.source = now === null ? null : context.createMediaStreamSource(now);
      recording.source?.connect(node);
    };
    follow();
    recording.timer = setInterval(follow, 50);
    tests.recordings[what] = recording;
  };

  tests.take = async (what) => {
    const { source, node, timer, blocks, stamps } = tests.recordings[what];
    clearInterval(timer);
    source?.disconnect();
    node.port.onmessage = null;
    const url = await new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsDataURL(new Blob(blocks));
    });
    return { pcm: url.slice(url.indexOf(",") + 1), stamps };
  };
})();
