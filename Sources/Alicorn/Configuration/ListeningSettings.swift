// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

extension ServerSettings {
    /// Where is listened.
    public struct Listening: Sendable, Hashable {
        /// All addresses: those of `--bind`, or the one of `--fd`, `--uds`, or `--host` and `--port` (U-C-07 to U-C-10).
        ///
        /// When several of these are given, that from the place that counts more does. In the same place the socket counts
        /// more than host and port, as for uvicorn; other pairs contradict each other.
        public var addresses: [Address] = [.tcp(host: "127.0.0.1", port: 8000)]
        /// Connections that wait to be accepted (U-C-40).
        public var backlog = 2048
        /// The permissions of a Unix socket's file (U-SK-01).
        public var socketPermissions: UInt16 = 0o666

        /// The number as the kernel takes it, which caps it further.
        var limitedBacklog: Int32 { Int32(clamping: backlog) }

        mutating func read(_ options: inout OptionReader) {
            var (host, port) = ("127.0.0.1", 8000)
            var path: String?
            var descriptor: Int32?
            var bound: [Address] = []
            options.read("host", .host, into: &host)
            options.read("port", .number(0...65_535), into: &port)
            options.read("uds", .path, into: &path)
            options.read("fd", .descriptor, into: &descriptor)
            options.read("bind", each: .address, by: .spaces, into: &bound)
            options.read("backlog", .number(1...Int(Int32.max)), into: &backlog)
            options.read("uds-permissions", .permissions, into: &socketPermissions)

            let ways = [
                Way(names: ["host", "port"], addresses: [.tcp(host: host, port: port)]),
                Way(names: ["uds"], addresses: path.map { [.unix(path: $0)] } ?? []),
                Way(names: ["fd"], addresses: descriptor.map { [.descriptor($0)] } ?? []),
                Way(names: ["bind"], addresses: bound),
            ]
            choose(among: ways.filter { !$0.addresses.isEmpty }, &options)
        }

        /// A way to tell addresses.
        private struct Way {
            let names: [String]
            let addresses: [Address]

            func place(in options: OptionReader) -> OptionReader.Place? { names.compactMap(options.place).max() }
        }

        private mutating func choose(among ways: [Way], _ options: inout OptionReader) {
            guard let place = ways.compactMap({ $0.place(in: options) }).max() else { return }
            var chosen = ways.filter { $0.place(in: options) == place }
            if chosen.count > 1, !chosen.contains(where: { $0.names == ["bind"] }) {
                chosen.removeAll { $0.names.contains("host") }
            }
            if chosen.count > 1 {
                let names = chosen.flatMap(\.names).filter { options.place(of: $0) == place }.map { "--\($0)" }
                options.refuse(
                    "\(names.joined(separator: " and ")) exclude each other: give one of them, or --bind for each address"
                )
            } else if let way = chosen.first {
                addresses = way.addresses
            }
        }
    }

    /// An address to listen on.
    public enum Address: Sendable, Hashable, CustomStringConvertible {
        /// A host's name or IP address, without brackets, and a port; with 0 the system picks one.
        case tcp(host: String, port: Int)
        /// A Unix socket in the file system.
        case unix(path: String)
        /// A socket that is inherited, as from a supervisor.
        case descriptor(Int32)

        /// Reads `HOST:PORT`, `[::1]:8000`, `unix:PATH` or `fd:N`.
        ///
        /// - Returns: `nil` for anything else.
        public init?(_ text: String) {
            if text.hasPrefix("unix:") {
                guard let path = OptionType.path.parse(String(text.dropFirst(5))) else { return nil }
                self = .unix(path: path)
            } else if text.hasPrefix("fd:") {
                guard let number = Int32(text.dropFirst(3)), number >= 0 else { return nil }
                self = .descriptor(number)
            } else {
                guard let colon = text.lastIndex(of: ":"),
                    let port = OptionType.number(0...65_535).parse(String(text[text.index(after: colon)...]))
                else { return nil }
                let name = text[..<colon]
                let isBracketed = name.hasPrefix("[") && name.hasSuffix("]") && name.count > 2
                guard isBracketed || !name.contains(":"),
                    let host = OptionType.host.parse(String(isBracketed ? name.dropFirst().dropLast() : name))
                else { return nil }
                self = .tcp(host: host, port: port)
            }
        }

        /// As ``init(_:)`` reads it.
        public var description: String {
            switch self {
            case .tcp(let host, let port): HostAndPort.text(host: host, port: port)
            case .unix(let path): "unix:\(path)"
            case .descriptor(let number): "fd:\(number)"
            }
        }
    }
}

extension OptionType where Value == String {
    fileprivate static var host: Self {
        Self("a host's name or IP address; 0.0.0.0 or :: for all", isText: true) { text in
            text.isEmpty || text.utf8.contains { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "[") } ? nil : text
        }
    }

    fileprivate static var path: Self {
        Self("a path", isText: true) { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }
    }
}

extension OptionType where Value == ServerSettings.Address {
    fileprivate static var address: Self {
        Self("HOST:PORT, [IPV6]:PORT, unix:PATH or fd:N") { Value($0) }
    }
}

extension OptionType where Value == Int32 {
    fileprivate static var descriptor: Self {
        Self("a number from 0 to \(Int32.max)") { text in Int32(text).flatMap { $0 >= 0 ? $0 : nil } }
    }
}

extension OptionType where Value == UInt16 {
    fileprivate static var permissions: Self {
        Self("permissions in octal digits, such as 0o660") { text in
            UInt16(text.hasPrefix("0o") ? String(text.dropFirst(2)) : text, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
        }
    }
}
