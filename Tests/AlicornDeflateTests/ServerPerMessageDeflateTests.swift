// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import Testing

struct ServerPerMessageDeflateTests {
    typealias Direction = PerMessageDeflate.Direction

    /// A configuration that asks for nothing, as the rows "nil" and "no" of the tables have it.
    static func configured(
        serverAlone: Bool = false, clientAlone: Bool = false, server: WindowBits? = nil, client: WindowBits? = nil,
        require: Bool = false
    ) -> ServerPerMessageDeflate {
        ServerPerMessageDeflate(
            serverNoContextTakeover: serverAlone, clientNoContextTakeover: clientAlone, serverMaxWindowBits: server,
            clientMaxWindowBits: client, requireClientMaxWindowBits: require
        )
    }

    @Test(
        "EXT-08: each row of the server's tables gives its answer",
        arguments: [
            // server_no_context_takeover
            (configured(), "", "", Direction(), Direction()),
            (
                configured(), "; server_no_context_takeover", "; server_no_context_takeover",
                Direction(contextTakeover: false), Direction()
            ),
            (
                configured(serverAlone: true), "", "; server_no_context_takeover", Direction(contextTakeover: false),
                Direction()
            ),
            (
                configured(serverAlone: true), "; server_no_context_takeover", "; server_no_context_takeover",
                Direction(contextTakeover: false), Direction()
            ),
            // client_no_context_takeover
            (
                configured(), "; client_no_context_takeover", "; client_no_context_takeover", Direction(),
                Direction(contextTakeover: false)
            ),
            (
                configured(clientAlone: true), "", "; client_no_context_takeover", Direction(),
                Direction(contextTakeover: false)
            ),
            (
                configured(clientAlone: true), "; client_no_context_takeover", "; client_no_context_takeover",
                Direction(), Direction(contextTakeover: false)
            ),
            // server_max_window_bits
            (
                configured(), "; server_max_window_bits=10", "; server_max_window_bits=10",
                Direction(maxWindowBits: 10), Direction()
            ),
            (configured(server: 12), "", "; server_max_window_bits=12", Direction(maxWindowBits: 12), Direction()),
            (
                configured(server: 12), "; server_max_window_bits=10", "; server_max_window_bits=10",
                Direction(maxWindowBits: 10), Direction()
            ),
            (
                configured(server: 12), "; server_max_window_bits=12", "; server_max_window_bits=12",
                Direction(maxWindowBits: 12), Direction()
            ),
            (
                configured(server: 12), "; server_max_window_bits=13", "; server_max_window_bits=12",
                Direction(maxWindowBits: 12), Direction()
            ),
            (
                configured(), "; server_max_window_bits=9", "; server_max_window_bits=9", Direction(maxWindowBits: 9),
                Direction()
            ),
            // client_max_window_bits
            (configured(), "; client_max_window_bits", "", Direction(), Direction()),
            (
                configured(), "; client_max_window_bits=10", "; client_max_window_bits=10", Direction(),
                Direction(maxWindowBits: 10)
            ),
            (
                configured(), "; client_max_window_bits=8", "; client_max_window_bits=8", Direction(),
                Direction(maxWindowBits: 8)
            ),
            (configured(client: 12), "", "", Direction(), Direction()),
            (
                configured(client: 12), "; client_max_window_bits", "; client_max_window_bits=12", Direction(),
                Direction(maxWindowBits: 12)
            ),
            (
                configured(client: 8), "; client_max_window_bits", "; client_max_window_bits=8", Direction(),
                Direction(maxWindowBits: 8)
            ),
            (
                configured(client: 12), "; client_max_window_bits=10", "; client_max_window_bits=10", Direction(),
                Direction(maxWindowBits: 10)
            ),
            (
                configured(client: 12), "; client_max_window_bits=12", "; client_max_window_bits=12", Direction(),
                Direction(maxWindowBits: 12)
            ),
            (
                configured(client: 12), "; client_max_window_bits=13", "; client_max_window_bits=12", Direction(),
                Direction(maxWindowBits: 12)
            ),
            (
                configured(client: 12, require: true), "; client_max_window_bits", "; client_max_window_bits=12",
                Direction(), Direction(maxWindowBits: 12)
            ),
            // all together
            (
                configured(serverAlone: true, clientAlone: true, server: 12, client: 12),
                "; client_max_window_bits=10; server_max_window_bits=9; client_no_context_takeover; "
                    + "server_no_context_takeover",
                "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; "
                    + "client_max_window_bits=10",
                Direction(maxWindowBits: 9, contextTakeover: false),
                Direction(maxWindowBits: 10, contextTakeover: false)
            ),
            (
                configured(serverAlone: true, clientAlone: true, server: 12, client: 12), "; client_max_window_bits",
                "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; "
                    + "client_max_window_bits=12",
                Direction(maxWindowBits: 12, contextTakeover: false),
                Direction(maxWindowBits: 12, contextTakeover: false)
            ),
        ])
    func accepts(
        server: ServerPerMessageDeflate, offer: String, answer: String, sending: Direction, receiving: Direction
    ) throws {
        let accepted = try #require(server.accept(element("permessage-deflate" + offer)))
        #expect(text(accepted.description) == "permessage-deflate" + answer)
        let transform = try #require(accepted.transform as? PerMessageDeflate)
        #expect(transform.sending == sending)
        #expect(transform.receiving == receiving)
        #expect(transform.settings == server.settings)
    }

    @Test(
        "EXT-07, EXT-09: offers that are faulty or cannot be met are declined",
        arguments: [
            (configured(), "x-webkit-deflate-frame"),
            (configured(), "Permessage-Deflate"),
            (configured(), "permessage-deflate; unknown"),
            (configured(), "permessage-deflate; server_max_window_bits"),
            (configured(), "permessage-deflate; client_max_window_bits; client_max_window_bits"),
            // zlib cannot compress with 8.
            (configured(), "permessage-deflate; server_max_window_bits=8"),
            (configured(server: 12), "permessage-deflate; server_max_window_bits=8"),
            (configured(client: 12, require: true), "permessage-deflate"),
            (configured(client: 12, require: true), "permessage-deflate; server_max_window_bits=12"),
        ])
    func declines(server: ServerPerMessageDeflate, offer: String) {
        #expect(server.accept(element(offer))?.description == nil)
    }

    @Test("EXT-03: by default windows of 12 are answered, the client's only if it offered that")
    func defaults() throws {
        let server = ServerPerMessageDeflate()
        let full = try #require(server.accept(element("permessage-deflate; client_max_window_bits")))
        #expect(
            text(full.description) == "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12")
        let bare = try #require(server.accept(element("permessage-deflate")))
        #expect(text(bare.description) == "permessage-deflate; server_max_window_bits=12")
        #expect((bare.transform as? PerMessageDeflate)?.receiving == Direction())
    }

    @Test("a server that is to compress with a window of 8 is a programming error")
    func misuse() async {
        await #expect(processExitsWith: .failure) { _ = ServerPerMessageDeflate(serverMaxWindowBits: 8) }
    }
}
