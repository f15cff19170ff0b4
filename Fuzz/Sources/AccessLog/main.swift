// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AccessLogUnderFuzz
import AlicornProtocol
import FuzzDriver

// Formats of the access log, which whoever starts a server writes, and records of what clients have sent, in them and as
// uvicorn's lines. Whatever both are: no trap, and a record is one line whose quotation marks are the format's own.
fuzz { bytes in
    guard let input = FuzzInput(bytes) else { return }
    let record = record(of: input)
    for rendering in [LogLine.Rendering.plain, .terminal] {
        var line = LogLine(rendering)
        line.append(record)
        if rendering == .plain { checkPrintable(line) }
    }
    do throws(InvalidAccessLogFormat) {
        let text = String(decoding: input.script, as: UTF8.self)
        let format = try AccessLogFormat(text)
        var line = LogLine()
        line.append(record, as: format, at: WallTime(unixSeconds: Int64(input.options.1) << 24))
        checkPrintable(line)
        if !text.contains("\"") && !text.contains("\\") {
            check(!hasQuotationMark(line), "a client cannot end a quotation")
        }
    } catch {
        check(!error.description.isEmpty, "what is wrong with a format has a sentence")
    }
}

/// Each line of the payload is something that a client decides.
func record(of input: FuzzInput) -> AccessRecord {
    let texts = input.payload.split(
        separator: UInt8(ascii: "\n"), maxSplits: 8, omittingEmptySubsequences: false
    ).map { String(decoding: $0, as: UTF8.self) }
    func text(_ index: Int) -> String { index < texts.count ? texts[index] : "" }
    var fields = HeaderFields()
    for (index, name) in ["Referer", "User-Agent", "Authorization", "X"].enumerated() {
        // What is no field's value no parser lets through.
        try? fields.append(name: name, value: text(index + 3))
    }
    let event: AccessRecord.Event =
        switch input.options.0 & 3 {
        case 0: .request(status: Int(input.options.1) * 4)
        case 1: .handshake(status: input.options.1 & 1 == 0 ? 101 : 403)
        default: .end(code: UInt16(input.options.1) << 4, reason: text(7), messagesReceived: 1, messagesSent: .max)
        }
    return AccessRecord(
        event, client: "127.0.0.1:50000", head: RequestHead(method: text(0), target: text(1), fields: fields),
        path: text(2), duration: input.options.0 & 4 == 0 ? nil : .seconds(Int64(input.options.1) - 100),
        bytesSent: input.options.0 & 8 == 0 ? nil : .max, responseFields: fields)
}

func checkPrintable(_ line: LogLine) {
    guard let text = String(validating: line.bytes, as: UTF8.self) else { fatalError("broken: a line is text") }
    check(
        text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
        "a line has no control characters")
}

/// Whether there is a quotation mark that nothing escapes.
func hasQuotationMark(_ line: LogLine) -> Bool {
    var isEscaped = false
    for byte in line.bytes {
        if byte == UInt8(ascii: "\""), !isEscaped { return true }
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
    }
    return false
}
