// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

/// Compares what our server makes of requests with what NIOHTTP1 makes of them.
///
/// Each case of ``RequestCorpus`` where the two differ names the section of the RFC that decides for us.
struct NIOHTTP1ComparisonTests {
    @Test("there are at least 150 requests")
    func size() {
        #expect(RequestCorpus.all.count >= 150)
        #expect(Set(RequestCorpus.all.map(\.input)).count == RequestCorpus.all.count)
    }

    @Test("we and NIOHTTP1 see the same, but where the RFC decides otherwise", arguments: RequestCorpus.all)
    func compare(request: RequestCase) throws {
        let ours = readByAlicorn(request.bytes)
        let theirs = try readByNIO(request.bytes)
        if let section = request.decidedBy {
            #expect(ours != theirs, "the disagreement that \(section) decided is gone")
        } else {
            #expect(ours == theirs)
        }
    }

    /// What our server sees, answering each request at once.
    private func readByAlicorn(_ bytes: [UInt8]) -> [String] {
        var connection = HTTP1ServerConnection()
        var log = EventLog()
        var output: [UInt8] = []
        var position = 0
        while let event = connection.next(in: bytes.span, from: &position) {
            switch event {
            case .request(let head, _, _):
                let fields = (0..<head.fields.count).map { (head.fields[$0].name, head.fields[$0].value) }
                log.head("\(head.method) \(head.target) 1.\(head.version.minor)", fields)
            case .body(let range):
                log.body(Array(bytes[range]))
            case .end(let trailers):
                log.end((0..<trailers.count).map { (trailers[$0].name, trailers[$0].value) })
                _ = try? connection.send(ResponseHead(status: 404), wholeBody: [], into: &output)
            case .failure:
                log.refused()
            }
        }
        return log.lines
    }

    private func readByNIO(_ bytes: [UInt8]) throws -> [String] {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        var isRefused = false
        do {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
        } catch {
            isRefused = true
        }
        var log = EventLog()
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                let version = "\(head.version.major).\(head.version.minor)"
                log.head("\(head.method.rawValue) \(head.uri) \(version)", head.headers.map { ($0.name, $0.value) })
            case .body(let body):
                log.body(Array(body.readableBytesView))
            case .end(let trailers):
                log.end(trailers?.map { ($0.name, $0.value) } ?? [])
            }
        }
        if isRefused { log.refused() }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return log.lines
    }
}

/// What a parser saw, as lines that can be compared.
private struct EventLog {
    private var complete: [String] = []
    private var bodyBytes: [UInt8] = []

    var lines: [String] {
        bodyBytes.isEmpty ? complete : complete + ["body " + String(decoding: bodyBytes, as: UTF8.self)]
    }

    mutating func head(_ start: String, _ fields: [(name: String, value: String)]) {
        complete.append(start + describe(fields))
    }

    /// Pieces are put together, as where they are cut means nothing.
    mutating func body(_ bytes: [UInt8]) { bodyBytes += bytes }

    mutating func end(_ trailers: [(name: String, value: String)]) {
        flush()
        complete.append("end" + describe(trailers))
    }

    mutating func refused() {
        flush()
        complete.append("refused")
    }

    private mutating func flush() {
        complete = lines
        bodyBytes = []
    }

    private func describe(_ fields: [(name: String, value: String)]) -> String {
        fields.map { " | \($0.name)=\($0.value)" }.joined()
    }
}
