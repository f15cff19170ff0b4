// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The page that `alicorn demo` serves at `/`: a chat room, an echo box and what the connections are made of.
///
/// It is one document without any external file. It opens two WebSockets on the host and port that it came from, and
/// asks for the subprotocol `demo.alicorn` on both. The server has to select it: a browser fails a connection whose
/// server selects none of those asked for.
///
/// - `/echo` sends every message back as it came. Once a second the page sends the text `round-trip N` and measures.
/// - `/chat` speaks JSON, one object to a text message. Names have at most 32 characters, texts at most 2000.
///
/// | who | message | when |
/// | --- | --- | --- |
/// | page | `{"type":"join","name":"Ada"}` | first, and again to change the name |
/// | page | `{"type":"say","text":"Hello"}` | after joining |
/// | server | `{"type":"welcome","people":2}` | to who joined, who is one of those counted |
/// | server | `{"type":"joined","name":"Ada","people":2}` | to all others in the room |
/// | server | `{"type":"said","name":"Ada","text":"Hello"}` | to all in the room, who said it among them |
/// | server | `{"type":"left","name":"Ada","people":1}` | to all who remain |
///
/// A message that is none of these closes the connection with 1008.
enum DemoPage {
    static let html = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Alicorn</title>
        <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E
         %3Cpath d='M3 15 8 1l5 14-5-4z' fill='%236d5bd0'/%3E%3C/svg%3E">
        <style>
        :root {
          --paper: #f6f5f2; --card: #fff; --ink: #1d1c22; --quiet: #65636e; --line: #e3e1dc; --accent: #5746b8;
          --on-accent: #fff; --good: #1a7a4c; --bad: #b3352b; --mine: #efecfb;
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
          color: var(--ink); background: var(--paper);
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #131217; --card: #1c1b22; --ink: #eceaf2; --quiet: #a09dac; --line: #302e39; --accent: #a99bff;
            --on-accent: #17142b; --good: #63cf98; --bad: #ff8f84; --mine: #2a2641;
          }
        }
        * { box-sizing: border-box; }
        [hidden] { display: none !important; }
        body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 3rem; }
        header { display: flex; align-items: baseline; gap: .75rem; flex-wrap: wrap; margin-bottom: 1.5rem; }
        h1 { font-size: 1.5rem; letter-spacing: -.02em; margin: 0; }
        h2 { font-size: 1rem; margin: 0; }
        header p, .note { color: var(--quiet); margin: 0; }
        .note { font-size: .875rem; }
        main {
          display: grid; gap: 1.25rem;
          grid-template: "chat trip" auto "chat echo" 1fr "made made" auto / minmax(0, 1fr) 23rem;
        }
        @media (max-width: 54rem) { main { grid-template: "chat" "trip" "echo" "made" / minmax(0, 1fr); } }
        section {
          display: flex; flex-direction: column; min-width: 0; padding: 1.1rem 1.25rem;
          background: var(--card); border: 1px solid var(--line); border-radius: 14px;
        }
        .title { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
        .log {
          flex: 1 0 9rem; height: 9rem; margin: .75rem 0; padding: 0; overflow-y: auto; list-style: none;
          overflow-wrap: anywhere;
        }
        .log:empty::before { content: attr(data-empty); color: var(--quiet); font-size: .875rem; }
        .log li { padding: .2rem 0; }
        .log b { font-weight: 600; margin-right: .4rem; }
        .log .event { color: var(--quiet); font-size: .875rem; }
        .log .mine { background: var(--mine); border-radius: 8px; padding: .2rem .6rem; width: fit-content; }
        #chat-log { flex-basis: 22rem; }
        #echo-log { font-size: .9rem; }
        form { display: flex; gap: .5rem; }
        input, button { font: inherit; color: inherit; border-radius: 9px; padding: .5rem .8rem; min-height: 2.6rem; }
        input { flex: 1; min-width: 0; background: var(--paper); border: 1px solid var(--line); }
        input::placeholder { color: var(--quiet); opacity: 1; }
        button { border: 1px solid var(--line); background: none; cursor: pointer; white-space: nowrap; }
        button:hover:not(:disabled) { border-color: var(--accent); }
        button.main { background: var(--accent); border-color: transparent; color: var(--on-accent); font-weight: 600; }
        button:disabled, input:disabled { opacity: .5; cursor: default; }
        button.small { min-height: 2rem; padding: .15rem .65rem; font-size: .875rem; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        #connections { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: .5rem 2.5rem; }
        dl { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .3rem .5rem; margin: .75rem 0; }
        dl { font-size: .9rem; }
        dt { color: var(--quiet); }
        dd { margin: 0; overflow-wrap: anywhere; }
        code, #rtt { font-variant-numeric: tabular-nums; }
        code { font: .85rem ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        .state::before { content: ""; display: inline-block; width: .55rem; height: .55rem; border-radius: 50%;
          margin-right: .45rem; background: var(--quiet); }
        .state.open::before { background: var(--good); }
        .state.closed::before { background: var(--bad); }
        .figure { display: flex; align-items: center; justify-content: space-between; gap: 1rem; margin-top: .5rem; }
        #rtt { font-size: 1.75rem; font-weight: 600; letter-spacing: -.02em; }
        #rtt small { font-size: .9rem; font-weight: 400; color: var(--quiet); margin-left: .2rem; }
        svg { width: 11rem; height: 2.5rem; }
        polyline { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
        .row { display: flex; gap: .5rem; }
        .visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        </style>
        </head>
        <body>
        <header>
          <h1>Alicorn</h1>
          <p>WebSocket for Swift, whole. Open this page in a second window and talk to yourself.</p>
        </header>
        <main>
          <section aria-labelledby="chat-title" style="grid-area: chat">
            <div class="title">
              <h2 id="chat-title">Chat room</h2><span class="note" id="people" role="status"></span>
            </div>
            <ul class="log" id="chat-log" role="log" aria-label="What was said" tabindex="0"
             data-empty="Nobody has said anything yet."></ul>
            <form id="join-form" autocomplete="off">
              <label class="visually-hidden" for="name">Your name</label>
              <input id="name" maxlength="32" required placeholder="Your name" autofocus>
              <button class="main">Join</button>
            </form>
            <form id="say-form" autocomplete="off" hidden>
              <label class="visually-hidden" for="text">Message</label>
              <input id="text" maxlength="2000" required placeholder="Say something">
              <button class="main">Send</button>
            </form>
          </section>
          <section aria-labelledby="rtt-title" style="grid-area: trip">
            <h2 id="rtt-title">Round trip</h2>
            <div class="figure">
              <span id="rtt">–</span>
              <svg viewBox="0 0 59 20" preserveAspectRatio="none" aria-hidden="true"><polyline id="spark"/></svg>
            </div>
            <p class="note" id="rtt-note">measured through the echo connection, once a second</p>
          </section>
          <section aria-labelledby="echo-title" style="grid-area: echo">
            <h2 id="echo-title">Echo</h2>
            <ul class="log" id="echo-log" role="log" aria-label="Echoed messages" tabindex="0"
             data-empty="What you send comes back here."></ul>
            <form id="echo-form" autocomplete="off">
              <label class="visually-hidden" for="echo-text">Message to echo</label>
              <input id="echo-text" required placeholder="Anything">
              <button class="main">Send</button>
              <button type="button" id="echo-binary" title="Send 64 KiB of random bytes and compare">64 KiB</button>
            </form>
          </section>
          <section aria-labelledby="connections-title" style="grid-area: made">
            <h2 id="connections-title">Connections</h2>
            <div id="connections"></div>
          </section>
        </main>
        <template id="connection">
          <dl>
            <dt class="path"></dt><dd><span class="state" role="status">connecting</span></dd>
            <dt>Subprotocol</dt><dd><code class="protocol">–</code></dd>
            <dt>Extension</dt><dd><code class="extensions">–</code></dd>
            <dt>Closed with</dt><dd class="close">–</dd>
          </dl>
          <div class="row">
            <button type="button" class="small end">Close</button>
            <button type="button" class="small again">Reconnect</button>
          </div>
        </template>
        <script>
        "use strict";
        const $ = id => document.getElementById(id);

        const closeCodes = {
          1000: "normal closure", 1001: "going away", 1002: "protocol error", 1003: "unsupported data",
          1005: "no code was sent", 1006: "no close frame arrived", 1007: "invalid data", 1008: "policy violation",
          1009: "message too big", 1010: "extension missing", 1011: "internal error", 1012: "service restart",
          1013: "try again later", 1015: "TLS handshake failed",
        };

        // One WebSocket that can be opened again, and its rows in the panel "Connections".
        class Connection {
          constructor(path, handlers) {
            this.path = path;
            this.handlers = handlers;
            this.view = document.createElement("div");
            this.view.id = path.slice(1) + "-connection";
            this.view.append($("connection").content.cloneNode(true));
            this.show("path", path);
            this.part("end").ariaLabel = "Close " + path;
            this.part("again").ariaLabel = "Reconnect " + path;
            this.part("end").onclick = () => this.socket.close(1000, "closed by the reader");
            this.part("again").onclick = () => this.open();
            $("connections").append(this.view);
            this.open();
          }
          get isOpen() { return this.socket.readyState === WebSocket.OPEN; }
          part(name) { return this.view.querySelector("." + name); }
          show(name, text) { this.part(name).textContent = text; }
          open() {
            const address = new URL(this.path, location.href);
            address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
            const socket = this.socket = new WebSocket(address, ["demo.alicorn"]);
            socket.binaryType = "arraybuffer";
            this.state("connecting");
            this.show("close", "–");
            socket.onopen = () => {
              this.state("open");
              this.show("protocol", socket.protocol || "none");
              this.show("extensions", socket.extensions || "none");
              this.handlers.open();
            };
            socket.onmessage = event => this.handlers.message(event.data);
            socket.onclose = event => {
              this.state("closed");
              const meaning = closeCodes[event.code] ? ` (${closeCodes[event.code]})` : "";
              const reason = event.reason ? `, “${event.reason}”` : "";
              this.show("close", `${event.code}${meaning}${reason}, ${event.wasClean ? "clean" : "not clean"}`);
              this.handlers.close();
            };
          }
          state(name) {
            this.part("state").className = "state " + name;
            this.show("state", name);
            this.part("end").disabled = name !== "open";
            this.part("again").disabled = name !== "closed";
          }
        }

        function log(list, className, ...content) {
          const item = document.createElement("li");
          item.className = className;
          item.append(...content);
          list.append(item);
          while (list.children.length > 200) list.firstChild.remove();
          list.scrollTop = list.scrollHeight;
        }
        function bold(text) {
          const element = document.createElement("b");
          element.textContent = text;
          return element;
        }
        const milliseconds = time => time < 10 ? time.toFixed(1) : time.toFixed(0);

        // Chat

        let name = null;
        const people = count => { $("people").textContent = count === 1 ? "only you" : `${count} people`; };
        const note = text => log($("chat-log"), "event", text);
        const chatMessages = {
          welcome: message => { people(message.people); note(`You are in the room as ${name}.`); },
          joined: message => { people(message.people); note(`${message.name} came in.`); },
          left: message => { people(message.people); note(`${message.name} left.`); },
          said: message => log($("chat-log"), message.name === name ? "mine" : "", bold(message.name), message.text),
        };
        const chat = new Connection("/chat", {
          open() { enterChat(); if (name) join(); },
          message(data) { const message = JSON.parse(data); chatMessages[message.type]?.(message); },
          close() { enterChat(); $("people").textContent = ""; note("The connection is closed."); },
        });
        function enterChat() {
          for (const element of document.querySelectorAll("#join-form *, #say-form *")) element.disabled = !chat.isOpen;
          $("join-form").hidden = name !== null;
          $("say-form").hidden = name === null;
        }
        const join = () => chat.socket.send(JSON.stringify({ type: "join", name }));
        $("join-form").onsubmit = event => {
          event.preventDefault();
          name = $("name").value.trim();
          if (!name) { name = null; return; }
          join();
          enterChat();
          $("text").focus();
        };
        $("say-form").onsubmit = event => {
          event.preventDefault();
          chat.socket.send(JSON.stringify({ type: "say", text: $("text").value }));
          $("text").value = "";
        };

        // Echo and round trip

        const sent = []; // what the echo connection still owes us, in order: it answers in order
        const trips = [];
        const echo = new Connection("/echo", {
          open() { sent.length = 0; enterEcho(); measure(); },
          message(data) { const { time, back } = sent.shift(); back(data, performance.now() - time); },
          close() { enterEcho(); },
        });
        function enterEcho() {
          for (const element of $("echo-form").elements) element.disabled = !echo.isOpen;
        }
        function send(data, back) {
          sent.push({ time: performance.now(), back });
          echo.socket.send(data);
        }
        $("echo-form").onsubmit = event => {
          event.preventDefault();
          send($("echo-text").value, (data, time) => log($("echo-log"), "", data, took(time)));
          $("echo-text").value = "";
        };
        $("echo-binary").onclick = () => {
          const bytes = crypto.getRandomValues(new Uint8Array(65536));
          send(bytes, (data, time) => {
            const back = new Uint8Array(data);
            const same = back.length === bytes.length && back.every((byte, index) => byte === bytes[index]);
            log($("echo-log"), "", same ? "64 KiB, the same bytes" : "64 KiB, but other bytes!", took(time));
          });
        };
        function took(time) {
          const element = document.createElement("span");
          element.className = "note";
          element.textContent = ` · ${milliseconds(time)} ms`;
          return element;
        }
        let trip = 0;
        function measure() {
          if (!echo.isOpen || document.hidden || sent.length > 20) return;
          send(`round-trip ${++trip}`, (_, time) => {
            trips.push(time);
            if (trips.length > 60) trips.shift();
            const unit = document.createElement("small");
            unit.textContent = "ms";
            $("rtt").replaceChildren(milliseconds(time), unit);
            const sorted = [...trips].sort((a, b) => a - b);
            $("rtt-note").textContent = `median ${milliseconds(sorted[sorted.length >> 1])} ms, `
              + `highest ${milliseconds(sorted.at(-1))} ms of the last ${trips.length}`;
            const top = Math.max(1, sorted.at(-1));
            $("spark").setAttribute("points", trips.map((t, i) => `${i},${(19 - 18 * t / top).toFixed(2)}`).join(" "));
          });
        }
        setInterval(measure, 1000);
        </script>
        </body>
        </html>
        """#
}
