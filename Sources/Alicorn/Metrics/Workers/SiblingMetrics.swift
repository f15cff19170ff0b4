// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornProtocol

/// The metrics of the other workers, each of which is asked (decision 0014).
struct SiblingMetrics: Sendable {
    let folder: WorkerFolder
    /// The worker that asks.
    let number: Int

    /// Where each shows what it has counted itself.
    static let path = "/"

    /// How long all of them may take together; one that does not answer is left out.
    private static let patience = Duration.seconds(1)
    /// How many are asked at once.
    private static let width = 16
    /// How long an answer may be, in bytes.
    private static let limit = 16 * 1024 * 1024

    /// What this worker and all that answer have counted, each series with its worker's number.
    ///
    /// - Parameters:
    ///   - own: this worker's exposition.
    ///   - contentType: its format, which the others are asked for too.
    func exposition(with own: [UInt8], as contentType: String) async -> [UInt8] {
        let end = ContinuousClock.now + Self.patience
        let question = Array(
            "GET \(Self.path) HTTP/1.1\r\nHost: worker\r\nConnection: close\r\nAccept: \(contentType)\r\n\r\n".utf8)
        let others = await withTaskGroup(of: (Int, [UInt8]?).self) { group in
            var answers: [Int: [UInt8]] = [:]
            for (index, path) in folder.siblings(of: number).enumerated() {
                if index >= Self.width, let (done, answer) = await group.next() { answers[done] = answer }
                group.addTask {
                    let time = ContinuousClock.now.duration(to: end)
                    guard time > .zero else { return (index, nil) }
                    return (index, await LocalQuestion.ask(question, at: path, atMost: Self.limit, within: time))
                }
            }
            for await (index, answer) in group { answers[index] = answer }
            return answers.sorted { $0.key < $1.key }.map(\.value)
        }
        var merged = MergedExposition()
        merged.add(own)
        for answer in others { if let body = Self.body(of: answer) { merged.add(body) } }
        return merged.bytes
    }

    /// - Returns: `nil` unless all of it has come.
    private static func body(of answer: [UInt8]) -> [UInt8]? {
        var limits = HTTPLimits()
        limits.responseBody = limit
        var reader = HTTP1ResponseReader(method: "GET", limits: limits)
        var position = 0
        guard case .response(let response) = reader.next(in: answer.span, from: &position) ?? reader.receiveEOF(),
            response.head.status == 200, response.fault == nil
        else { return nil }
        return response.body
    }
}
