// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

@Suite("Files that are open for reading")
struct OpenFileTests {
    /// A file with ten digits in it, for the time of `body`.
    private func withFile(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/alicorn-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        #expect(write(descriptor, "0123456789", 10) == 10)
        close(descriptor)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        try body(path)
    }

    private func read(_ file: OpenFile, _ count: Int, at offset: Int) throws -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("it is read at any place, and knows what it was when it was opened")
    func reading() throws {
        try withFile { path in
            let file = try OpenFile.open(path)
            #expect(file.size == 10)
            #expect(file.modified.seconds > 1_700_000_000)
            #expect(try read(file, 4, at: 3) == "3456")
            #expect(try file.position == 0)
            try file.seek(to: 7)
            #expect(try OpenFile(descriptor: file.descriptor).position == 7)
            #expect(throws: UnreadableFile(path, .tooShort)) { try read(file, 4, at: 7) }
            #expect(truncate(path, 3) == 0)
            #expect(throws: UnreadableFile(path, .tooShort)) { try read(file, 4, at: 0) }
        }
    }

    @Test(
        "what is no regular file by an absolute path is not opened",
        arguments: [
            ("a.txt", .relative), ("", .relative), ("/nowhere/at/all", .missing), ("/tmp", .notRegular),
            ("/dev/null", .notRegular), ("/tmp\0/a", .missing), ("/dev/null/a", .missing),
        ] as [(String, UnreadableFile.Cause)])
    func unreadable(path: String, cause: UnreadableFile.Cause) {
        #expect(throws: UnreadableFile(path, cause)) { try OpenFile.open(path) }
    }

    @Test("a link is followed only where that is wanted, and a FIFO is not waited for")
    func links() throws {
        try withFile { (path: String) throws in
            #expect(symlink(path, "\(path).link") == 0)
            defer { unlink("\(path).link") }
            #expect(try OpenFile.open("\(path).link").size == 10)
            #expect(throws: UnreadableFile("\(path).link", .missing)) {
                try OpenFile.open("\(path).link", followsLink: false)
            }
            #expect(mkfifo("\(path).fifo", 0o600) == 0)
            defer { unlink("\(path).fifo") }
            #expect(throws: UnreadableFile("\(path).fifo", .notRegular)) { try OpenFile.open("\(path).fifo") }
        }
    }

    @Test("a descriptor that is none, or of no file, is an error")
    func descriptors() {
        #expect(throws: UnreadableFile("descriptor -1", .system(EBADF))) { try OpenFile(descriptor: -1) }
    }

    @Test(
        "each fault is a sentence that names the file",
        arguments: [
            (.relative, "begins with a slash"), (.missing, #"no file "/a""#), (.notRegular, "not a regular file"),
            (.tooShort, "shorter"), (.system(EACCES), "Permission denied"),
        ] as [(UnreadableFile.Cause, String)])
    func descriptions(cause: UnreadableFile.Cause, part: String) {
        let text = UnreadableFile("/a", cause).description
        #expect(text.contains(part) && text.contains(#""/a""#))
    }
}
