// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Foundation
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A terminal whose last lines are what is being typed: all else is shown above it.
final class TerminalConsole: Console {
    private let prompt: String
    private let state: Mutex<State>

    private struct State {
        var line: EditedLine
        var history: LineHistory?
        /// The row of the cursor, counted from that of the prompt.
        var cursorRow = 0
        var isShown = false
        /// How the terminal was found; `nil` when it has been left.
        var found: termios?
        /// Hears of Ctrl-Z.
        var stops: SignalWatch?
    }

    /// - Parameter history: what was typed before, and where it is kept; `nil` for nothing and nowhere.
    /// - Returns: `nil` where there is no terminal at both ends, or one that can do nothing.
    init?(
        prompt: String, history makeHistory: @autoclosure () -> LineHistory?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        var found = termios()
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, environment["TERM"] != "dumb",
            tcgetattr(STDIN_FILENO, &found) == 0
        else { return nil }
        // The width of characters is the locale's.
        setlocale(LC_CTYPE, "")
        self.prompt = prompt
        let history = makeHistory()
        state = Mutex(State(line: EditedLine(history: history?.lines ?? []), history: history, found: found))
    }

    func read(_ take: @escaping @Sendable (String?) -> Void) {
        state.withLock {
            enter(&$0)
            watchForStop(&$0)
        }
        Thread.detachNewThread { [self] in
            var decoder = KeyDecoder()
            while let byte = Self.nextByte() {
                guard let key = decoder.decode(byte), let outcome = press(key) else { continue }
                switch outcome {
                case .line(let line): take(line)
                case .end:
                    take(nil)
                    return
                case .edited, .clearScreen: break
                }
            }
            take(nil)
        }
    }

    private static func nextByte() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = Foundation.read(STDIN_FILENO, &byte, 1)
            if count == 1 { return byte }
            guard count < 0, errno == EINTR else { return nil }
        }
    }

    private func press(_ key: Key) -> EditedLine.Outcome? {
        state.withLock { state in
            guard state.found != nil else { return nil }
            let outcome = state.line.press(key)
            switch outcome {
            case .clearScreen:
                state.isShown = false
                put("\u{1B}[H\u{1B}[2J")
                redraw(&state)
            case .line(let line):
                state.history?.add(line)
                erase(&state)
                put(prompt + Self.shown(line) + "\n")
                redraw(&state)
            case .edited: redraw(&state)
            case .end: break
            }
            return outcome
        }
    }

    func show(_ text: String) {
        state.withLock { state in
            let wasShown = state.isShown
            erase(&state)
            put(text + "\n")
            if wasShown { redraw(&state) }
        }
    }

    func end() {
        state.withLock { state in
            guard state.found != nil else { return }
            leave(&state)
            state.found = nil
            state.stops?.stop()
            state.history?.save()
        }
    }

    // MARK: - The terminal

    /// Keys come one by one and unseen; Ctrl-C and Ctrl-Z stay signals.
    private func enter(_ state: inout State) {
        guard var raw = state.found else { return }
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
        raw.c_iflag &= ~tcflag_t(ICRNL | IXON)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
        redraw(&state)
    }

    private func leave(_ state: inout State) {
        guard var found = state.found else { return }
        erase(&state)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &found)
    }

    /// Gives the terminal to the shell before Ctrl-Z stops the process, and takes it again when that goes on.
    private func watchForStop(_ state: inout State) {
        guard state.found != nil, let watch = try? SignalWatch(.terminalStop) else { return }
        state.stops = watch
        Task { [self] in
            guard await watch.signals.first(where: { _ in true }) != nil else { return }
            self.state.withLock { leave(&$0) }
            watch.stop()
            // It returns when the process goes on; at once where there is no shell that could have it go on.
            ProcessSignal.terminalStop.befall()
            self.state.withLock { state in
                enter(&state)
                watchForStop(&state)
            }
        }
    }

    // MARK: - The screen

    /// Takes what is being typed from the screen; the cursor is where the prompt was.
    private func erase(_ state: inout State) {
        guard state.isShown else { return }
        put((state.cursorRow > 0 ? "\u{1B}[\(state.cursorRow)A" : "") + "\r\u{1B}[J")
        state.isShown = false
    }

    private func redraw(_ state: inout State) {
        erase(&state)
        var layout = ScreenLayout(columns: Self.columns)
        for character in prompt { layout.add(character) }
        var cursor = layout.next
        for (index, character) in state.line.characters.enumerated() {
            layout.add(Self.shown(character))
            if index + 1 == state.line.cursor { cursor = layout.next }
        }
        var text = prompt + String(state.line.characters.map(Self.shown))
        // At the right edge the cursor waits for the next character; it is to be where that goes.
        if layout.next.row > layout.row { text += "\r\n" }
        let rowsUp = layout.next.row - cursor.row
        if rowsUp > 0 { text += "\u{1B}[\(rowsUp)A" }
        text += "\r" + (cursor.column > 0 ? "\u{1B}[\(cursor.column)C" : "")
        put(text)
        state.cursorRow = cursor.row
        state.isShown = true
    }

    /// A tab takes one column like any other character.
    private static func shown(_ character: Character) -> Character { character == "\t" ? " " : character }
    private static func shown(_ line: String) -> String { String(line.map(shown)) }

    private static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private func put(_ text: String) { try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) }
}
