// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornTransport
import Foundation
import Testing

@testable import Alicorn

@Suite("The metrics of the other workers", .timeLimit(.minutes(1)))
struct SiblingMetricsTests {
    @Test("one that hangs and one that is gone are left out, and do not keep the answer for long")
    func silent() async throws {
        let folder = try WorkerFolder()
        defer { folder.remove() }
        // It listens, and never accepts.
        let hanging = try folder.listen(as: 1)
        let gone = try folder.listen(as: 2)
        gone.close()
        let own = Array("# TYPE a gauge\na{worker=\"0\"} 1\n".utf8)
        let siblings = SiblingMetrics(folder: folder, number: 0)
        #expect(folder.siblings(of: 0).count == 2)
        #expect(await siblings.exposition(with: own, as: "text/plain") == own)
        hanging.close()
    }

    @Test("a worker takes the place of one that had its number before; nobody else may look into the folder")
    func places() async throws {
        let folder = try WorkerFolder()
        let old = try folder.listen(as: 3)
        let new = try folder.listen(as: 3)
        #expect(folder.siblings(of: 3).isEmpty)
        #expect(folder.siblings(of: 0) == ["\(folder.path)/worker-3"])
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
        // The old one's end does not take the new one's place away.
        old.close()
        #expect(folder.siblings(of: 0).count == 1)
        new.close()
        folder.remove()
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test("an answer that is too long, or cut off, is none")
    func bounds() async throws {
        let folder = try WorkerFolder()
        defer { folder.remove() }
        let socket = try folder.listen(as: 1)
        defer { socket.close() }
        let path = try #require(folder.siblings(of: 0).first)
        answer(connections: 2, of: socket.descriptor)
        #expect(await LocalQuestion.ask([0], at: path, atMost: 5, within: .seconds(30)) == Array("12345".utf8))
        #expect(await LocalQuestion.ask([0], at: path, atMost: 4, within: .seconds(30)) == nil)
        #expect(await LocalQuestion.ask([0], at: "/nowhere", atMost: 4, within: .seconds(30)) == nil)
    }

    /// Answers so many, each when its question has come: what is closed with something unread is reset.
    private func answer(connections count: Int, of listener: Int32) {
        DispatchQueue(label: "answers").async {
            for _ in 0..<count {
                guard Self.hasInput(listener) else { return }
                let connection = accept(listener, nil, nil)
                var question: UInt8 = 0
                guard Self.hasInput(connection), read(connection, &question, 1) == 1 else { return }
                _ = write(connection, "12345", 5)
                close(connection)
            }
        }
    }

    private static func hasInput(_ descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 30_000) == 1
    }
}
