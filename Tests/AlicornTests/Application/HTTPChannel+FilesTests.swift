// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornTesting
import EngineTesting
import Foundation
import Testing

@Suite("Files as bodies", .onEachEngine)
struct SentFilesTests {
    private func serve(
        _ body: @escaping @Sendable (_ send: Send) async throws -> Void
    ) async throws -> ServedApplication {
        try await ServedApplication(ClosureApplication { _, _, send in try await body(send) })
    }

    /// More than any socket's buffers hold.
    private static let long = String(repeating: String(repeating: "x", count: 1_000), count: 40_000)

    private static func fields(length: Int) throws -> HeaderFields {
        var fields = HeaderFields()
        try fields.append(name: "content-length", value: "\(length)")
        return fields
    }

    @Test(
        "a file by its path is the whole body, also a long and an empty one (A-EX-04)",
        arguments: [0, 1, 131_072, 1_000_001])
    func path(size: Int) async throws {
        let contents = String(String(repeating: "0123456789", count: size / 10 + 1).prefix(size))
        let file = try TemporaryFile(contents, format: "bin")
        let served = try await serve { send in
            try await send(.httpResponseStart(status: 200, headers: Self.fields(length: size)))
            try await send(.httpResponsePathSend(path: file.path))
        }
        let response = try await served.get("/")
        #expect(response.status == 200)
        #expect(response.body == contents)
        let head = try await served.request("HEAD", "/")
        #expect(head.fields["content-length"] == "\(size)" && head.body.isEmpty)
        try await served.stop()
    }

    @Test("parts of an open file mix with other bytes, from where the descriptor stands unless told (A-EX-03)")
    func descriptor() async throws {
        let file = try TemporaryFile("0123456789", format: "bin")
        let served = try await serve { send in
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file.path))
            let descriptor = handle.fileDescriptor
            try await send(.httpResponseStart(status: 200, headers: Self.fields(length: 15)))
            try await send(.httpResponseZeroCopySend(file: descriptor, count: 2, moreBody: true))
            try await send(.httpResponseBody("<>", moreBody: true))
            try await send(.httpResponseZeroCopySend(file: descriptor, offset: 7, count: 3, moreBody: true))
            try await send(.httpResponseZeroCopySend(file: descriptor))
            try handle.close()
        }
        #expect(try await served.get("/").body == "01<>78923456789")
        try await served.stop()
    }

    @Test(
        "a file that cannot be sent is an error of the application's, and nothing of it is sent",
        arguments: ["relative", "/nowhere/at/all", "/dev/zero", "/tmp", "/tmp\0"])
    func unreadable(path: String) async throws {
        let served = try await serve { send in
            try await send(.httpResponseStart(status: 200))
            try await send(.httpResponsePathSend(path: path))
        }
        #expect(try await served.get("/").status == 500)
        try await served.stop()
    }

    @Test(
        "more of an open file than there is, and what is no file, are errors",
        arguments: [(11, 0), (1, 10), (-1, 0), (0, -1)])
    func beyond(count: Int, offset: Int) async throws {
        let file = try TemporaryFile("0123456789", format: "bin")
        let served = try await serve { send in
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file.path))
            try await send(.httpResponseStart(status: 200))
            let pipe = Pipe()
            await #expect(throws: UnreadableFile.self) {
                try await send(.httpResponseZeroCopySend(file: pipe.fileHandleForReading.fileDescriptor))
            }
            do {
                try await send(.httpResponseZeroCopySend(file: handle.fileDescriptor, offset: offset, count: count))
            } catch let error as UnreadableFile {
                try await send(.httpResponseBody("\(error.cause)"))
            }
        }
        #expect(try await served.get("/").body.contains("tooShort"))
        try await served.stop()
    }

    @Test("a file that is cut off while it is sent cuts the response off (RFC 9112 §8)")
    func shrinking() async throws {
        let size = Self.long.utf8.count
        let file = try TemporaryFile(Self.long, format: "bin")
        let served = try await serve { send in
            try await send(.httpResponseStart(status: 200, headers: Self.fields(length: size)))
            try await send(.httpResponsePathSend(path: file.path))
        }
        let peer = try await ScriptedPeer.connect(port: served.port, receiveBuffer: 64 * 1024)
        try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await peer.receiveHead().hasPrefix("HTTP/1.1 200 OK"))
        // The server waits for the client, with most of the file unread.
        #expect(truncate(file.path, 1000) == 0)
        let received = try await peer.receiveAll()
        #expect(received.count < size)
        #expect(received.allSatisfy { $0 == UInt8(ascii: "x") })
        try await served.stop()
    }

    @Test("a client that goes while a file is sent ends the sending")
    func disconnect() async throws {
        let file = try TemporaryFile(Self.long, format: "bin")
        let (told, note) = AsyncStream.makeStream(of: Bool.self)
        let served = try await serve { send in
            try await send(.httpResponseStart(status: 200))
            do { try await send(.httpResponsePathSend(path: file.path)) } catch {
                note.yield(error is ClientDisconnected)
            }
        }
        var peer: ScriptedPeer? = try await ScriptedPeer.connect(port: served.port, receiveBuffer: 64 * 1024)
        try await peer?.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await peer?.receiveHead()
        peer?.resetWhenReleased()
        peer = nil
        var events = told.makeAsyncIterator()
        #expect(await events.next() == true)
        try await served.stop()
    }

    @Test("what is for tests to see is taken before the start, and is no part of the response (A-EX-07)")
    func debug() async throws {
        let served = try await serve { send in
            try await send(.httpResponseDebug(["template": "index"]))
            try await send(.httpResponseStart(status: 200))
            await #expect(throws: ASGIMisuse.unexpected("http.response.debug", expected: ["http.response.body"])) {
                try await send(.httpResponseDebug([:]))
            }
            try await send(.httpResponseBody("hello", moreBody: true))
            await #expect(throws: ASGIMisuse.unexpected("http.response.pathsend", expected: ["http.response.body"])) {
                try await send(.httpResponsePathSend(path: "/etc/hosts"))
            }
            try await send(.httpResponseBody())
        }
        #expect(try await served.get("/").body.contains("hello"))
        try await served.stop()
    }
}
