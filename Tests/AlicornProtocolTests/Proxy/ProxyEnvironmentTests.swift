// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct ProxyEnvironmentTests {
    @Test(
        "the first variable counts that is set and not empty, by the address's scheme (PRX-01)",
        arguments: [
            ([:], "ws://h", nil),
            (["ws_proxy": "a", "socks_proxy": "b", "https_proxy": "c", "http_proxy": "d"], "ws://h", "http://a:80"),
            (["wss_proxy": "a", "socks_proxy": "b", "https_proxy": "c"], "wss://h", "http://a:80"),
            (["ws_proxy": "a", "all_proxy": "e"], "wss://h", "http://e:80"),
            (["wss_proxy": "a", "all_proxy": "e"], "ws://h", "http://e:80"),
            (["socks_proxy": "b", "https_proxy": "c"], "ws://h", "socks5h://b:1080"),
            (["socks_proxy": "b", "https_proxy": "c"], "wss://h", "socks5h://b:1080"),
            (["socks_proxy": "socks4://b"], "wss://h", "socks4://b:1080"),
            (["https_proxy": "c", "http_proxy": "d"], "ws://h", "http://c:80"),
            (["http_proxy": "d", "all_proxy": "e"], "ws://h", "http://d:80"),
            (["http_proxy": "d"], "wss://h", nil),
            (["https_proxy": "https://c", "http_proxy": "d", "all_proxy": "e"], "wss://h", "https://c:443"),
            (["ws_proxy": "", "WS_PROXY": "", "all_proxy": "e"], "ws://h", "http://e:80"),
        ] as [([String: String], String, String?)]
    )
    func order(variables: [String: String], address: String, proxy: String?) throws {
        let found = try ProxyEnvironment(variables).proxy(for: WebSocketURI(address))
        #expect(found?.description == proxy)
    }

    @Test(
        "names are in lower case before upper case",
        arguments: [
            (["WSS_PROXY": "a"], "http://a:80"), (["wss_proxy": "a", "WSS_PROXY": "b"], "http://a:80"),
            (["wss_proxy": "", "WSS_PROXY": "b"], "http://b:80"),
            (["WSS_PROXY": "a", "all_proxy": "b"], "http://a:80"),
            (["WSS_PROXY": ""], nil), (["Wss_Proxy": "a"], nil),
        ] as [([String: String], String?)]
    )
    func cases(variables: [String: String], proxy: String?) throws {
        let found = try ProxyEnvironment(variables).proxy(for: WebSocketURI("wss://h"))
        #expect(found?.description == proxy)
    }

    @Test(
        "to a CGI program HTTP_PROXY is a header of its client's, and does not count (CVE-2016-5385)",
        arguments: [
            (["HTTP_PROXY": "a"], "http://a:80"), (["HTTP_PROXY": "a", "REQUEST_METHOD": "GET"], nil),
            (["HTTP_PROXY": "a", "REQUEST_METHOD": "GET", "ALL_PROXY": "b"], "http://b:80"),
            (["http_proxy": "a", "REQUEST_METHOD": "GET"], "http://a:80"),
        ] as [([String: String], String?)]
    )
    func cgi(variables: [String: String], proxy: String?) throws {
        let found = try ProxyEnvironment(variables).proxy(for: WebSocketURI("ws://h"))
        #expect(found?.description == proxy)
    }

    @Test(
        "hosts in no_proxy are connected to directly",
        arguments: [
            ("no_proxy", "h", "wss://h", true), ("NO_PROXY", "h", "wss://h", true), ("no_proxy", "h", "wss://i", false),
            ("no_proxy", "h:443", "wss://h", true), ("no_proxy", "h:443", "wss://h:8443", false),
            ("no_proxy", "*", "ws://h", true), ("no_proxy", "", "ws://h", false),
            ("no_proxy", "2001:db8::1", "ws://[2001:db8:0::1]", true),
        ]
    )
    func bypass(name: String, list: String, address: String, isDirect: Bool) throws {
        let found = try ProxyEnvironment([name: list, "all_proxy": "a"]).proxy(for: WebSocketURI(address))
        #expect((found == nil) == isDirect)
    }

    @Test(
        "this machine is connected to directly, whatever is set (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291 §2.5.3)",
        arguments: [
            ("ws://localhost", true), ("wss://LOCALHOST:8443", true), ("ws://app.localhost", true),
            ("ws://127.0.0.1", true), ("ws://127.255.0.9", true), ("ws://[::1]", true), ("ws://[0:0::0:1]", true),
            ("ws://notlocalhost", false), ("ws://localhost.example", false), ("ws://128.0.0.1", false),
            ("ws://[::2]", false), ("ws://127.example", false),
        ]
    )
    func loopback(address: String, isLoopback: Bool) throws {
        let uri = try WebSocketURI(address)
        #expect((try ProxyEnvironment(["all_proxy": "a"]).proxy(for: uri) == nil) == isLoopback)
    }

    @Test("a variable that counts and holds no address is an error, and does not leave the way to the next")
    func invalid() throws {
        let environment = ProxyEnvironment(["wss_proxy": "ftp://a", "all_proxy": "b"])
        let uri = try WebSocketURI("wss://h")
        #expect(throws: InvalidProxy("ftp://a", .scheme("ftp"))) { try environment.proxy(for: uri) }
        #expect(try environment.proxy(for: WebSocketURI("ws://h"))?.host == "b")
        #expect(try environment.proxy(for: WebSocketURI("wss://localhost")) == nil)
    }
}
