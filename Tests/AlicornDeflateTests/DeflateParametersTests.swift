// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

@testable import AlicornDeflate

struct DeflateParametersTests {
    @Test(
        "parameters are read and written alike",
        arguments: [
            ("permessage-deflate", DeflateParameters()),
            ("permessage-deflate; server_no_context_takeover", DeflateParameters(serverNoContextTakeover: true)),
            ("permessage-deflate; client_no_context_takeover", DeflateParameters(clientNoContextTakeover: true)),
            ("permessage-deflate; server_max_window_bits=8", DeflateParameters(serverMaxWindowBits: 8)),
            ("permessage-deflate; client_max_window_bits", DeflateParameters(clientMaxWindowBits: .offered)),
            ("permessage-deflate; client_max_window_bits=15", DeflateParameters(clientMaxWindowBits: .limited(to: 15))),
            (
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
                    + "server_max_window_bits=10; client_max_window_bits=9",
                DeflateParameters(
                    serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 10,
                    clientMaxWindowBits: .limited(to: 9)
                )
            ),
        ])
    func roundTrip(header: String, parameters: DeflateParameters) throws {
        #expect(try DeflateParameters(element(header).parameters, in: .offer) == parameters)
        #expect(text(parameters.description) == header)
    }

    @Test("the client's window is limited by a number alone")
    func clientWindowLimit() {
        #expect(DeflateParameters(clientMaxWindowBits: .limited(to: 9)).clientWindowLimit == 9)
        #expect(DeflateParameters(clientMaxWindowBits: .offered).clientWindowLimit == nil)
        #expect(DeflateParameters().clientWindowLimit == nil)
    }

    @Test("every window size has its number", arguments: 8...15)
    func windowSizes(bits: Int) throws {
        let header = element("permessage-deflate; server_max_window_bits=\(bits)")
        #expect(try DeflateParameters(header.parameters, in: .answer).serverMaxWindowBits == WindowBits(exactly: bits))
    }

    @Test(
        "H11: what RFC 7692 §7.1 does not allow is refused in offers and answers",
        arguments: [
            ("unknown", "with the unknown parameter unknown"),
            ("Server_No_Context_Takeover", "with the unknown parameter Server_No_Context_Takeover"),
            ("server_no_context_takeover; server_no_context_takeover", "with server_no_context_takeover twice"),
            ("client_no_context_takeover; client_no_context_takeover", "with client_no_context_takeover twice"),
            ("server_max_window_bits=10; server_max_window_bits=10", "with server_max_window_bits twice"),
            ("client_max_window_bits=10; client_max_window_bits=11", "with client_max_window_bits twice"),
            ("server_no_context_takeover=1", "with a value for server_no_context_takeover, which takes none"),
            ("server_no_context_takeover=", "with a value for server_no_context_takeover, which takes none"),
            ("client_no_context_takeover=true", "with a value for client_no_context_takeover, which takes none"),
            ("server_max_window_bits", "with server_max_window_bits, but without its value"),
            ("server_max_window_bits=", "with server_max_window_bits=, which is not 8 to 15"),
            ("server_max_window_bits=7", "with server_max_window_bits=7, which is not 8 to 15"),
            ("server_max_window_bits=16", "with server_max_window_bits=16, which is not 8 to 15"),
            ("server_max_window_bits=08", "with server_max_window_bits=08, which is not 8 to 15"),
            ("server_max_window_bits=+9", "with server_max_window_bits=+9, which is not 8 to 15"),
            ("server_max_window_bits= 9", "with server_max_window_bits= 9, which is not 8 to 15"),
            ("server_max_window_bits=-9", "with server_max_window_bits=-9, which is not 8 to 15"),
            ("server_max_window_bits=0xa", "with server_max_window_bits=0xa, which is not 8 to 15"),
            ("server_max_window_bits=１０", "with server_max_window_bits=１０, which is not 8 to 15"),
            (
                "server_max_window_bits=99999999999999999999",
                "with server_max_window_bits=99999999999999999999, which is not 8 to 15"
            ),
            ("client_max_window_bits=", "with client_max_window_bits=, which is not 8 to 15"),
            ("client_max_window_bits=7", "with client_max_window_bits=7, which is not 8 to 15"),
            ("client_max_window_bits=16", "with client_max_window_bits=16, which is not 8 to 15"),
            ("client_max_window_bits=010", "with client_max_window_bits=010, which is not 8 to 15"),
        ])
    func faults(parameters: String, refusal: String) {
        let parameters = element("permessage-deflate; " + parameters).parameters
        for header in [DeflateParameters.Header.offer, .answer] {
            #expect(throws: ExtensionRefusal("permessage-deflate " + refusal)) {
                try DeflateParameters(parameters, in: header)
            }
        }
    }

    @Test("client_max_window_bits may be without a value in an offer only, and there once")
    func valueless() throws {
        let once = element("permessage-deflate; client_max_window_bits").parameters
        #expect(try DeflateParameters(once, in: .offer).clientMaxWindowBits == .offered)
        #expect(
            throws: ExtensionRefusal("permessage-deflate with client_max_window_bits, but without its value")
        ) { try DeflateParameters(once, in: .answer) }
        #expect(throws: ExtensionRefusal("permessage-deflate with client_max_window_bits twice")) {
            try DeflateParameters(once + once, in: .offer)
        }
    }
}
