// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import EngineTesting
import Foundation
import Testing

@Suite("A file as an answer", .onEachEngine)
struct FileResponseTests {
    /// A file of ten digits, changed at a round second, and its server.
    private struct Served {
        let file: TemporaryFile
        let application: ServedApplication
        let entityTag: String
        static let modified = "Sun, 06 Nov 1994 08:49:37 GMT"

        init() async throws {
            let file = try TemporaryFile("0123456789", format: "bin")
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 784_111_777)], ofItemAtPath: file.path)
            var router = Router()
            try router.get("/") { context in try await .file(file.path, for: context) }
            try router.post("/") { context in try await .file(file.path, for: context) }
            self.file = file
            application = try await ServedApplication(router)
            let whole = try await application.get("/")
            #expect(whole.fields["last-modified"] == Self.modified)
            entityTag = try #require(whole.fields["etag"])
        }
    }

    @Test("one range is sent by itself, and one that is not understood is none (RFC 9110 §14)")
    func ranges() async throws {
        let served = try await Served()
        for (range, status, described, body) in [
            ("bytes=0-3", 206, "bytes 0-3/10", "0123"), ("bytes=4-", 206, "bytes 4-9/10", "456789"),
            ("bytes=-3", 206, "bytes 7-9/10", "789"), ("bytes=-99", 206, "bytes 0-9/10", "0123456789"),
            ("BYTES=9-9", 206, "bytes 9-9/10", "9"), ("bytes=8-99", 206, "bytes 8-9/10", "89"),
            ("bytes=8-99999999999999999999", 206, "bytes 8-9/10", "89"),
            ("bytes=0-9223372036854775807", 206, "bytes 0-9/10", "0123456789"),
            ("bytes=10-", 416, "bytes */10", "The file has 10 bytes.\n"),
            ("bytes=-0", 416, "bytes */10", "The file has 10 bytes.\n"),
            ("bytes=99999999999999999999-", 416, "bytes */10", "The file has 10 bytes.\n"),
            ("bytes=3-1", 200, nil, "0123456789"), ("bytes=0-1,3-4", 200, nil, "0123456789"),
            ("bytes=", 200, nil, "0123456789"), ("bytes=-", 200, nil, "0123456789"),
            ("bytes=+1-2", 200, nil, "0123456789"), ("bytes=a-b", 200, nil, "0123456789"),
            ("lines=0-3", 200, nil, "0123456789"), ("bytes 0-3", 200, nil, "0123456789"),
        ] as [(String, Int, String?, String)] {
            let response = try await served.application.get("/", "Range: \(range)\r\n")
            #expect(response.status == status, "\(range)")
            #expect(response.fields["content-range"] == described, "\(range)")
            #expect(response.body == body, "\(range)")
        }
        let twice = try await served.application.get("/", "Range: bytes=0-1\r\nRange: bytes=0-1\r\n")
        #expect(twice.status == 200)
        try await served.application.stop()
    }

    @Test("what the client has is not sent again, and what it is not meant for is not sent (RFC 9110 §13)")
    func preconditions() async throws {
        let served = try await Served()
        let (tag, date) = (served.entityTag, Served.modified)
        let (before, after) = ("Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:38 GMT")
        for (fields, status) in [
            ("If-None-Match: \(tag)\r\n", 304), ("If-None-Match: W/\(tag)\r\n", 304), ("If-None-Match: *\r\n", 304),
            ("If-None-Match: \"a,b\", \(tag)\r\n", 304), ("If-None-Match: \"a\"\r\nIf-None-Match: \(tag)\r\n", 304),
            ("If-None-Match: \"a\"\r\n", 200), ("If-None-Match: a, \(tag)\r\n", 200), ("If-None-Match:\r\n", 200),
            // RFC 9110 §13.1.3: the tag counts, and not the date.
            ("If-None-Match: \"a\"\r\nIf-Modified-Since: \(date)\r\n", 200),
            ("If-Modified-Since: \(date)\r\n", 304), ("If-Modified-Since: \(after)\r\n", 304),
            ("If-Modified-Since: \(before)\r\n", 200), ("If-Modified-Since: yesterday\r\n", 200),
            ("If-Match: \(tag)\r\n", 200), ("If-Match: *\r\n", 200), ("If-Match: W/\(tag)\r\n", 412),
            ("If-Match: \"a\"\r\n", 412), ("If-Unmodified-Since: \(date)\r\n", 200),
            ("If-Unmodified-Since: \(before)\r\n", 412), ("If-Match: \(tag)\r\nIf-None-Match: \(tag)\r\n", 304),
            ("If-None-Match: \(tag)\r\nRange: bytes=0-1\r\n", 304),
            ("If-Range: \(tag)\r\nRange: bytes=0-1\r\n", 206), ("If-Range: \(date)\r\nRange: bytes=0-1\r\n", 206),
            ("If-Range: W/\(tag)\r\nRange: bytes=0-1\r\n", 200), ("If-Range: \(after)\r\nRange: bytes=0-1\r\n", 200),
            ("If-Range: \"a\"\r\nRange: bytes=99-\r\n", 200),
            // RFC 9110 §5.6.7: the two obsolete forms of a date.
            ("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n", 304),
            ("If-Modified-Since: Sun Nov  6 08:49:36 1994\r\n", 200),
            ("If-Unmodified-Since: Sunday, 06-Nov-94 08:49:36 GMT\r\n", 412),
            ("If-Unmodified-Since: Sun Nov  6 08:49:37 1994\r\n", 200),
            ("If-Range: Sun Nov  6 08:49:37 1994\r\nRange: bytes=0-1\r\n", 206),
            ("If-Range: Sunday, 06-Nov-94 08:49:36 GMT\r\nRange: bytes=0-1\r\n", 200),
        ] {
            let response = try await served.application.get("/", fields)
            #expect(response.status == status, "\(fields)")
            #expect(response.fields["etag"] == tag, "\(fields)")
            if status == 304 { #expect(response.body.isEmpty && response.fields["content-type"] == nil) }
        }
        // They are for reading.
        #expect(try await served.application.request("POST", "/", "If-None-Match: *\r\n").status == 200)
        try await served.application.stop()
    }

    @Test("another state of the file has another tag")
    func change() async throws {
        let served = try await Served()
        try Data("9876543210".utf8).write(to: URL(fileURLWithPath: served.file.path))
        let response = try await served.application.get("/", "If-None-Match: \(served.entityTag)\r\n")
        #expect(response.status == 200)
        #expect(response.fields["etag"] != served.entityTag)
        try await served.application.stop()
    }

    @Test("a file that is not there is the application's fault")
    func missing() async throws {
        var router = Router()
        try router.get("/") { context in try await .file("/nowhere/at/all", for: context) }
        let served = try await ServedApplication(router)
        #expect(try await served.get("/").status == 500)
        try await served.stop()
    }

    @Test(
        "the type is that of the name's end",
        arguments: [
            ("a.HTML", "text/html; charset=utf-8"), ("a.tar.gz", "application/gzip"), ("a", "application/octet-stream"),
            ("a.unknown", "application/octet-stream"), ("a.js", "text/javascript; charset=utf-8"),
            ("a.", "application/octet-stream"),
        ])
    func types(name: String, type: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("x", to: "b.d/\(name)")
        var router = Router()
        try router.files("/", from: folder.path)
        let served = try await ServedApplication(router)
        #expect(try await served.get("/b.d/\(name)").fields["content-type"] == type)
        try await served.stop()
    }
}
