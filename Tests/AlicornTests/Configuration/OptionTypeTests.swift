// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("Values of options that cannot be")
struct OptionTypeTests {
    /// Name, value, and the end of the sentence.
    static let bad: [(String, String, String)] = [
        ("host", "", "must be a host's name or IP address; 0.0.0.0 or :: for all"),
        ("host", "a b", "must be a host's name or IP address; 0.0.0.0 or :: for all"),
        ("port", "65536", "must be a number from 0 to 65535"),
        ("port", "-1", "must be a number from 0 to 65535"),
        ("port", "http", "must be a number from 0 to 65535"),
        ("port", "99999999999999999999", "must be a number from 0 to 65535"),
        ("fd", "-1", "must be a number from 0 to 2147483647"),
        ("uds", "", "must be a path"),
        ("bind", "8000", "must be HOST:PORT, [IPV6]:PORT, unix:PATH or fd:N"),
        ("backlog", "0", "must be a number from 1 to 2147483647"),
        ("uds-permissions", "0o888", "must be permissions in octal digits, such as 0o660"),
        ("uds-permissions", "1777", "must be permissions in octal digits, such as 0o660"),
        ("lifespan", "maybe", "must be one of auto, on, off"),
        ("compat", "gunicorn", "must be one of none, uvicorn"),
        ("root-path", "/ä", "must be a text of printable ASCII characters"),
        ("header", "X-A", "must be a header as Name:Value, of characters that may stand in one"),
        ("header", "X A:b", "must be a header as Name:Value, of characters that may stand in one"),
        ("header", ":b", "must be a header as Name:Value, of characters that may stand in one"),
        ("header", "X-A:b\r\nX-B:c", "must be a header as Name:Value, of characters that may stand in one"),
        ("ws", "socket.io", "must be one of auto, alicorn, websockets, websockets-sansio, wsproto, nio, none"),
        ("ws-max-size", "0", "must be a number of bytes, at least 1, or none"),
        ("ws-max-size", "16MB", "must be a number of bytes, at least 1, or none"),
        ("ws-max-size", "9223372036854775807", "must be a number of bytes, at least 1, or none"),
        ("ws-max-queue", "0", "must be a number, at least 1"),
        ("ws-ping-interval", "-1", "must be a number of seconds, not negative, or none"),
        ("ws-ping-interval", "inf", "must be a number of seconds, not negative, or none"),
        ("ws-ping-interval", "nan", "must be a number of seconds, not negative, or none"),
        ("ws-ping-timeout", "0", "must be a number of seconds, more than 0, or none"),
        (
            "ws-per-message-deflate", "perhaps",
            "must be a boolean: 1, true, t, yes, y or on, or 0, false, f, no, n or off"
        ),
        ("ws-deflate-window-bits", "8", "must be a number from 9 to 15"),
        ("ws-deflate-window-bits", "16", "must be a number from 9 to 15"),
        ("ws-deflate-level", "10", "must be a number from 0 to 9"),
        ("ws-deflate-memory-level", "0", "must be a number from 1 to 9"),
        ("ws-allowed-origins", "*", "must be an origin, such as https://example.com, https://*.example.com or null"),
        ("limit-concurrency", "0", "must be a number, at least 1, or none"),
        ("limit-handshake-rate", "0", "must be a number per second, from 1 to 1000000, or none"),
        ("limit-header-size", "10", "must be a number from 1024 to 1073741824"),
        ("timeout-head", "-3", "must be a number of seconds, more than 0, or none"),
        ("timeout-keep-alive", "none", "must be a number of seconds, not negative"),
        ("timeout-keep-alive", "1e300", "must be a number of seconds, not negative"),
        ("ssl-certfile", "/does/not/exist", "must be the path of a file that exists and may be read"),
        ("env-file", "/tmp", "must be the path of a file that exists and may be read"),
        ("reload-dir", "/does/not/exist", "must be the path of a directory that exists"),
        (
            "ssl-cert-reqs", "3",
            "must be 0 for no certificate of clients, 1 for an optional one, or 2 for a required one"
        ),
        (
            "ssl-version", "3",
            "must be 17 or 2 for TLS 1.2 and 1.3, or 5 for TLS 1.2 alone: older versions are not safe, and are not spoken"
        ),
        (
            "ssl-ciphers", "RC4",
            "must be a list in OpenSSL's words that selects a cipher suite of TLS 1.2, such as ECDHE+AESGCM"
        ),
        ("proxy-protocol", "10.0.0.1/8", "must be an IP address, a network such as 10.0.0.0/8, unix, or *"),
        ("forwarded-header", "via", "must be one of x-forwarded, forwarded"),
        ("workers", "0", "must be a number from 1 to 4096"),
        ("engine", "libuv", "must be one of auto, nio, native"),
        ("log-level", "notice", "must be one of critical, error, warning, info, debug, trace"),
        ("metrics-path", "metrics", "must be a path that begins with a slash"),
        ("loop", "gevent", "must be auto, asyncio, uvloop, zuvloop, none, or an import string such as module:name"),
        ("interface", "asgi4", "must be one of auto, asgi3, asgi2, wsgi"),
    ]

    @Test("are named with the place, what came and what is expected", arguments: bad)
    func sentences(name: String, value: String, expected: String) throws {
        let error = try #require(throws: InvalidSettings.self) {
            try ServerSettings(commandLine: [name: [value]], environment: [:])
        }
        let problem = try #require(error.problems.first)
        #expect(error.problems.count == 1)
        #expect(problem.hasPrefix("--\(name) is \""))
        #expect(problem.hasSuffix(", but \(expected)"), "\(problem)")
    }

    @Test("are named with their variable")
    func variables() throws {
        for variable in ["ALICORN_PORT", "UVICORN_PORT"] {
            let error = #expect(throws: InvalidSettings.self) { try ServerSettings(environment: [variable: "x"]) }
            #expect(error?.description == "the variable \(variable) is \"x\", but must be a number from 0 to 65535")
        }
        let error = #expect(throws: InvalidSettings.self) {
            try ServerSettings(environment: ["WEB_CONCURRENCY": "two"])
        }
        #expect(error?.problems == ["the variable WEB_CONCURRENCY is \"two\", but must be a number from 1 to 4096"])
    }

    @Test("are all collected")
    func all() {
        let error = #expect(throws: InvalidSettings.self) {
            try ServerSettings(
                commandLine: ["port": ["a"], "header": ["b", "c:d", "e"]], environment: ["UVICORN_WORKERS": "f"])
        }
        #expect(error?.problems.count == 4)
    }

    @Test("a value that another hides does not matter")
    func hidden() throws {
        let settings = try ServerSettings(commandLine: ["port": ["1"]], environment: ["ALICORN_PORT": "x"])
        #expect(settings.listening.addresses == [.tcp(host: "127.0.0.1", port: 1)])
    }
}
