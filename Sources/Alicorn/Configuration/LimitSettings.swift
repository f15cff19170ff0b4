// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

extension ServerSettings {
    /// How much may come. What is `nil` is not limited.
    public struct Limits: Sendable, Hashable {
        /// Open connections and running requests, beyond which requests are answered with 503 (U-C-39, U-LM-01).
        public var concurrency: Int?
        /// Requests after which the process ends (U-C-41).
        public var requests: Int?
        /// The most that is added to ``requests``, by chance (U-C-42).
        public var requestsJitter = 0
        /// Open WebSocket connections, beyond which handshakes are answered with 503 (P-18).
        public var webSockets: Int?
        /// Open connections of one client (P-31).
        public var connectionsPerClient: Int?
        /// Opening handshakes in all (P-31).
        public var handshakes: EventRate?
        /// Opening handshakes of one client (P-31).
        public var handshakesPerClient: EventRate?
        /// Bytes of a request's body (U-LM-05).
        public var body: Int?
        /// Bytes of a request's head (U-LM-05).
        public var head = HTTPLimits().head
        /// The number of a request's header fields (U-LM-05).
        public var fields = HTTPLimits().fields

        mutating func read(_ options: inout OptionReader) {
            options.read("limit-concurrency", .orNone(.count(atLeast: 1)), into: &concurrency)
            options.read("limit-max-requests", .orNone(.count(atLeast: 1)), into: &requests)
            options.read("limit-max-requests-jitter", .count(atLeast: 0), into: &requestsJitter)
            options.read("limit-websockets", .orNone(.count(atLeast: 1)), into: &webSockets)
            options.read("limit-connections-per-client", .orNone(.count(atLeast: 1)), into: &connectionsPerClient)
            options.read("limit-handshake-rate", .orNone(.rate), into: &handshakes)
            options.read("limit-client-handshake-rate", .orNone(.rate), into: &handshakesPerClient)
            options.read("limit-body", .orNone(.bytes(atLeast: 0)), into: &body)
            options.read("limit-header-size", .number(1024...1 << 30), into: &head)
            options.read("limit-headers", .number(1...1_000_000), into: &fields)
        }
    }
}

extension OptionType where Value == EventRate {
    fileprivate static var rate: Self {
        Self("a number per second, from 1 to 1000000") { text in
            OptionType<Int>.number(1...1_000_000).parse(text).map { EventRate($0) }
        }
    }
}
