// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import EngineTesting
import Foundation
import Testing

@Suite("Files of a folder", .onEachEngine)
struct StaticFilesTests {
    /// A folder with something outside of it, and its server.
    private struct Site {
        let folder: TemporaryFolder
        let served: ServedApplication

        init(at pattern: String = "/static") async throws {
            folder = try TemporaryFolder()
            try folder.write("secret", to: "outside.txt")
            try folder.write("0123456789", to: "public/a.txt")
            try folder.write("ä", to: "public/ä b.css")
            try folder.write("index", to: "public/index.html")
            try folder.write("deep", to: "public/deep/index.html")
            try folder.write("", to: "public/bare/empty")
            try folder.write("hidden", to: "public/.env")
            try folder.write("hidden", to: "public/.git/config")
            try folder.link("public/within.txt", to: "a.txt")
            try folder.link("public/out.txt", to: "../outside.txt")
            try folder.link("public/up", to: "..")
            try folder.link("public/loop", to: "loop")
            try folder.link("public-more", to: "public")
            #expect(mkfifo("\(folder.path)/public/fifo", 0o600) == 0)
            var router = Router()
            try router.files(pattern, from: "\(folder.path)/public", cachedFor: .seconds(60))
            served = try await ServedApplication(router)
        }
    }

    @Test("a file comes with its type, its length and its validators; HEAD is the same without it")
    func file() async throws {
        let site = try await Site()
        let response = try await site.served.get("/static/a.txt")
        #expect(response.status == 200)
        #expect(response.body == "0123456789")
        #expect(response.fields["content-type"] == "text/plain; charset=utf-8")
        #expect(response.fields["content-length"] == "10")
        #expect(response.fields["accept-ranges"] == "bytes")
        #expect(response.fields["x-content-type-options"] == "nosniff")
        #expect(response.fields["cache-control"] == "public, max-age=60")
        #expect(response.fields["last-modified"]?.hasSuffix(" GMT") == true)
        let tag = try #require(response.fields["etag"])
        #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
        let head = try await site.served.request("HEAD", "/static/a.txt", "Range: bytes=0-1\r\n")
        #expect(head.status == 200 && head.body.isEmpty)
        #expect(head.fields["content-length"] == "10")
        #expect(try await site.served.request("POST", "/static/a.txt").status == 405)
        try await site.served.stop()
    }

    @Test("what is within is found, and nothing that is hidden, outside, or no regular file")
    func paths() async throws {
        let site = try await Site()
        for (path, status, body) in [
            ("/static/%C3%A4%20b.css", 200, "ä"), ("/static/", 200, "index"), ("/static/deep/", 200, "deep"),
            ("/static/within.txt", 200, "0123456789"), ("/static/bare/empty", 200, ""), ("/static/bare/", 404, ""),
            ("/static/nothing", 404, ""), ("/static/a.txt/", 404, ""), ("/static//a.txt", 404, ""),
            ("/static/.env", 404, ""), ("/static/.git/config", 404, ""), ("/static/%2eenv", 404, ""),
            ("/static/../outside.txt", 404, ""), ("/static/%2e%2e/outside.txt", 404, ""),
            ("/static/..%2foutside.txt", 404, ""), ("/static/%2e%2e%2Foutside.txt", 404, ""),
            ("/static/deep%2findex.html", 404, ""), ("/static/%2f..%2foutside.txt", 404, ""),
            ("/static/..%5coutside.txt", 404, ""), ("/static/out.txt", 404, ""), ("/static/up/outside.txt", 404, ""),
            ("/static/up/public/a.txt", 200, "0123456789"), ("/static/loop", 404, ""), ("/static/fifo", 404, ""),
            ("/static/a.txt%00", 404, ""), ("/static/a.txt%00.css", 404, ""), ("/static/%ff", 404, ""),
            ("/static/" + String(repeating: "a", count: 5000), 404, ""),
        ] {
            let response = try await site.served.get(path)
            #expect(response.status == status, "\(path)")
            if status == 200 { #expect(response.body == body, "\(path)") }
        }
        try await site.served.stop()
    }

    @Test("a path of a folder without its last slash leads to the one with it, on this server")
    func redirection() async throws {
        let site = try await Site()
        for (path, location) in [
            ("/static", "/static/"), ("/static/deep", "/static/deep/"), ("/static/deep?a=b", "/static/deep/?a=b"),
        ] {
            let response = try await site.served.get(path)
            #expect(response.status == 307)
            #expect(response.fields["location"] == location)
        }
        try await site.served.stop()
        let root = try await Site(at: "/")
        #expect(try await root.served.get("/").body == "index")
        #expect(try await root.served.get("/deep/").body == "deep")
        // Behind two slashes would stand a host.
        #expect(try await root.served.get("//deep").status == 404)
        #expect(try await root.served.get("//example.com/..").status == 404)
        try await root.served.stop()
    }

    @Test("a folder that is a link leads wherever the link leads at the moment")
    func movedFolder() async throws {
        let folder = try TemporaryFolder()
        try folder.write("first", to: "one/a")
        try folder.write("second", to: "two/a")
        try folder.link("current", to: "one")
        var router = Router()
        try router.files("/", from: "\(folder.path)/current")
        let served = try await ServedApplication(router)
        #expect(try await served.get("/a").body == "first")
        try FileManager.default.removeItem(atPath: "\(folder.path)/current")
        try folder.link("current", to: "two")
        #expect(try await served.get("/a").body == "second")
        try await served.stop()
    }

    @Test("a folder that is none is an error when it is added")
    func noFolder() throws {
        let file = try TemporaryFile("", format: "txt")
        for path in [file.path, "/nowhere/at/all"] {
            #expect(throws: RoutingMisuse.noFolder(path)) {
                var router = Router()
                try router.files("/", from: path)
            }
        }
    }
}
