// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

extension ServerSettings {
    /// Proxies in front of the server.
    public struct Proxies: Sendable, Hashable {
        /// Whether trusted proxies are believed when header fields tell who their client is (U-C-33).
        public var readsFields = true
        /// The header fields that they write (P-33).
        public var fields = TrustedForwarding.Fields.xForwarded
        /// The proxies: addresses, networks, `unix` for those on Unix sockets, or `*` for all (U-C-34). Any other text is
        /// allowed, as for uvicorn, and matches nobody (U-PX-02).
        public var allowedAddresses = ["127.0.0.1", "::1"]
        /// The proxies whose connections begin with a PROXY protocol header; `nil` for none (P-33).
        public var protocolHeader: TrustedProxies?

        /// Who is believed, and what; `nil` for nobody.
        public var forwarding: TrustedForwarding? {
            guard readsFields else { return nil }
            return TrustedProxies.reading(allowedAddresses).proxies.map { TrustedForwarding(fields, from: $0) }
        }

        /// Of ``allowedAddresses``, those that match nobody.
        var meaningless: [String] { TrustedProxies.reading(allowedAddresses).rest }

        mutating func read(_ options: inout OptionReader) {
            options.read("proxy-headers", .boolean, into: &readsFields)
            options.read("forwarded-header", .forwardedFields, into: &fields)
            options.read(
                "forwarded-allow-ips", each: .text, by: .commas, orVariable: "FORWARDED_ALLOW_IPS",
                into: &allowedAddresses)
            var trusted: [String]?
            options.read("proxy-protocol", each: .proxy, by: .commas, into: &trusted)
            if let trusted { protocolHeader = TrustedProxies.reading(trusted).proxies }
        }
    }
}

extension OptionType where Value == TrustedForwarding.Fields {
    fileprivate static var forwardedFields: Self {
        Self("one of x-forwarded, forwarded") { text in
            switch text.lowercased() {
            case "x-forwarded": .xForwarded
            case "forwarded": .forwarded
            default: nil
            }
        }
    }
}

extension OptionType where Value == String {
    fileprivate static var proxy: Self {
        Self("an IP address, a network such as 10.0.0.0/8, unix, or *", isText: true) { text in
            text == "*" || (try? TrustedProxies([text])) != nil ? text : nil
        }
    }
}
