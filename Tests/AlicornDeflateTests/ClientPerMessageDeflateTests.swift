// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import Testing

struct ClientPerMessageDeflateTests {
    typealias Direction = PerMessageDeflate.Direction

    static func configured(
        serverAlone: Bool = false, clientAlone: Bool = false, server: WindowBits? = nil,
        client: ClientMaxWindowBits = .notOffered
    ) -> ClientPerMessageDeflate {
        ClientPerMessageDeflate(
            serverNoContextTakeover: serverAlone, clientNoContextTakeover: clientAlone, serverMaxWindowBits: server,
            clientMaxWindowBits: client
        )
    }

    @Test(
        "the offer says what is configured",
        arguments: [
            (ClientPerMessageDeflate(), "; client_max_window_bits"),
            (configured(), ""),
            (configured(serverAlone: true), "; server_no_context_takeover"),
            (configured(clientAlone: true), "; client_no_context_takeover"),
            (configured(server: 8), "; server_max_window_bits=8"),
            (configured(client: .limited(to: 10)), "; client_max_window_bits=10"),
            (
                configured(serverAlone: true, clientAlone: true, server: 12, client: .limited(to: 12)),
                "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; "
                    + "client_max_window_bits=12"
            ),
        ])
    func offers(client: ClientPerMessageDeflate, offer: String) {
        #expect(client.offers.map(text) == ["permessage-deflate" + offer])
    }

    @Test(
        "EXT-08: each row of the client's tables gives its result",
        arguments: [
            // server_no_context_takeover
            (configured(), "", Direction(), Direction()),
            (configured(), "; server_no_context_takeover", Direction(), Direction(contextTakeover: false)),
            (
                configured(serverAlone: true), "; server_no_context_takeover", Direction(),
                Direction(contextTakeover: false)
            ),
            // client_no_context_takeover
            (configured(), "; client_no_context_takeover", Direction(contextTakeover: false), Direction()),
            (configured(clientAlone: true), "", Direction(contextTakeover: false), Direction()),
            (
                configured(clientAlone: true), "; client_no_context_takeover", Direction(contextTakeover: false),
                Direction()
            ),
            // server_max_window_bits
            (configured(), "; server_max_window_bits=10", Direction(), Direction(maxWindowBits: 10)),
            (configured(), "; server_max_window_bits=8", Direction(), Direction(maxWindowBits: 8)),
            (configured(server: 12), "; server_max_window_bits=10", Direction(), Direction(maxWindowBits: 10)),
            (configured(server: 12), "; server_max_window_bits=12", Direction(), Direction(maxWindowBits: 12)),
            (configured(server: 8), "; server_max_window_bits=8", Direction(), Direction(maxWindowBits: 8)),
            // client_max_window_bits
            (configured(client: .offered), "", Direction(), Direction()),
            (configured(client: .offered), "; client_max_window_bits=10", Direction(maxWindowBits: 10), Direction()),
            (configured(client: .offered), "; client_max_window_bits=15", Direction(), Direction()),
            (configured(client: .limited(to: 12)), "", Direction(maxWindowBits: 12), Direction()),
            (
                configured(client: .limited(to: 12)), "; client_max_window_bits=10", Direction(maxWindowBits: 10),
                Direction()
            ),
            (
                configured(client: .limited(to: 12)), "; client_max_window_bits=12", Direction(maxWindowBits: 12),
                Direction()
            ),
            // all together
            (
                configured(serverAlone: true, clientAlone: true, server: 12, client: .limited(to: 12)),
                "; server_no_context_takeover; server_max_window_bits=9",
                Direction(maxWindowBits: 12, contextTakeover: false),
                Direction(maxWindowBits: 9, contextTakeover: false)
            ),
            (
                ClientPerMessageDeflate(),
                "; client_max_window_bits=9; server_max_window_bits=10; client_no_context_takeover; "
                    + "server_no_context_takeover",
                Direction(maxWindowBits: 9, contextTakeover: false),
                Direction(maxWindowBits: 10, contextTakeover: false)
            ),
        ])
    func accepts(client: ClientPerMessageDeflate, answer: String, sending: Direction, receiving: Direction) throws {
        let answer = element("permessage-deflate" + answer)
        let accepted = try client.accept(answer: answer)
        #expect(accepted.description == answer)
        let transform = try #require(accepted.transform as? PerMessageDeflate)
        #expect(transform.sending == sending)
        #expect(transform.receiving == receiving)
        #expect(transform.settings == client.settings)
    }

    @Test(
        "EXT-07, EXT-09: answers that are faulty or that the offer does not allow are refused",
        arguments: [
            (configured(), "bbf-usp-protocol", "bbf-usp-protocol, which permessage-deflate does not handle"),
            (configured(), "permessage-deflate; unknown", "permessage-deflate with the unknown parameter unknown"),
            (
                configured(serverAlone: true), "permessage-deflate",
                "permessage-deflate without server_no_context_takeover, which the offer demanded"
            ),
            (
                configured(server: 12), "permessage-deflate",
                "permessage-deflate without server_max_window_bits, which the offer demanded"
            ),
            (
                configured(server: 12), "permessage-deflate; server_max_window_bits=13",
                "permessage-deflate with server_max_window_bits=13, above the offer's 12"
            ),
            (
                configured(), "permessage-deflate; client_max_window_bits=10",
                "permessage-deflate with client_max_window_bits, which was not offered"
            ),
            (
                configured(client: .limited(to: 12)), "permessage-deflate; client_max_window_bits=13",
                "permessage-deflate with client_max_window_bits=13, above the offer's 12"
            ),
            (
                configured(client: .offered), "permessage-deflate; client_max_window_bits=8",
                "permessage-deflate with client_max_window_bits=8, with which zlib cannot compress"
            ),
            (
                configured(client: .limited(to: 12)), "permessage-deflate; client_max_window_bits=8",
                "permessage-deflate with client_max_window_bits=8, with which zlib cannot compress"
            ),
            (
                configured(client: .offered), "permessage-deflate; client_max_window_bits",
                "permessage-deflate with client_max_window_bits, but without its value"
            ),
        ])
    func refuses(client: ClientPerMessageDeflate, answer: String, refusal: String) {
        #expect(throws: ExtensionRefusal(refusal)) { try client.accept(answer: element(answer)) }
    }

    @Test("a client that is to compress with a window of 8 is a programming error")
    func misuse() async {
        await #expect(processExitsWith: .failure) {
            _ = ClientPerMessageDeflate(clientMaxWindowBits: .limited(to: 8))
        }
    }
}
