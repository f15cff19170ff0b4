// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// What `client_max_window_bits` says in an offer (RFC 7692 §7.1.2.2).
public enum ClientMaxWindowBits: Sendable, Hashable {
    /// It is absent: the server may not limit the client's window.
    case notOffered
    /// It has no value: the server may limit the client's window.
    case offered
    /// It has a value: the client will not exceed that window, the server may limit it further.
    case limited(to: WindowBits)
}

/// The parameters of one `permessage-deflate` element, parsed (RFC 7692 §7.1).
struct DeflateParameters: Equatable {
    /// The header that an element stands in; the grammar differs in one place.
    enum Header {
        case offer
        case answer
    }

    static let extensionName = "permessage-deflate"

    var serverNoContextTakeover = false
    var clientNoContextTakeover = false
    var serverMaxWindowBits: WindowBits?
    var clientMaxWindowBits = ClientMaxWindowBits.notOffered

    /// The value of `client_max_window_bits`, if it is there with one.
    var clientWindowLimit: WindowBits? {
        if case .limited(let bits) = clientMaxWindowBits { bits } else { nil }
    }

    /// The element that says this, parameters in the order of RFC 7692 §7.1.
    var description: ExtensionDescription {
        var parameters: [ExtensionDescription.Parameter] = []
        if serverNoContextTakeover { parameters.append(.init(Name.serverNoContextTakeover)) }
        if clientNoContextTakeover { parameters.append(.init(Name.clientNoContextTakeover)) }
        if let bits = serverMaxWindowBits { parameters.append(.init(Name.serverMaxWindowBits, "\(bits.rawValue)")) }
        switch clientMaxWindowBits {
        case .notOffered: break
        case .offered: parameters.append(.init(Name.clientMaxWindowBits))
        case .limited(let bits): parameters.append(.init(Name.clientMaxWindowBits, "\(bits.rawValue)"))
        }
        return ExtensionDescription(Self.extensionName, parameters)
    }
}

extension DeflateParameters {
    /// Parses an element's parameters.
    ///
    /// - Throws: the refusal that RFC 7692 §7.1 demands for an unknown name, a name that is there twice, or a value that
    ///   is invalid, missing or not allowed. A server turns it into declining the offer.
    init(_ parameters: [ExtensionDescription.Parameter], in header: Header) throws(ExtensionRefusal) {
        for parameter in parameters {
            switch parameter.name {
            case Name.serverNoContextTakeover:
                try Self.requireNoValue(parameter)
                try Self.requireFirst(parameter, !serverNoContextTakeover)
                serverNoContextTakeover = true
            case Name.clientNoContextTakeover:
                try Self.requireNoValue(parameter)
                try Self.requireFirst(parameter, !clientNoContextTakeover)
                clientNoContextTakeover = true
            case Name.serverMaxWindowBits:
                try Self.requireFirst(parameter, serverMaxWindowBits == nil)
                serverMaxWindowBits = try Self.windowBits(of: parameter)
            case Name.clientMaxWindowBits:
                try Self.requireFirst(parameter, clientMaxWindowBits == .notOffered)
                // RFC 7692 §7.1.2.2: only an offer may leave the value out.
                if header == .offer, parameter.value == nil {
                    clientMaxWindowBits = .offered
                } else {
                    clientMaxWindowBits = .limited(to: try Self.windowBits(of: parameter))
                }
            default:
                throw ExtensionRefusal("permessage-deflate with the unknown parameter \(parameter.name)")
            }
        }
    }

    /// Parses a decimal number from 8 to 15 without leading zeros (RFC 7692 §7.1.2.1).
    private static func windowBits(of parameter: ExtensionDescription.Parameter) throws(ExtensionRefusal) -> WindowBits
    {
        guard let value = parameter.value else {
            throw ExtensionRefusal("permessage-deflate with \(parameter.name), but without its value")
        }
        switch value {
        case "8": return 8
        case "9": return 9
        case "10": return 10
        case "11": return 11
        case "12": return 12
        case "13": return 13
        case "14": return 14
        case "15": return 15
        default: throw ExtensionRefusal("permessage-deflate with \(parameter.name)=\(value), which is not 8 to 15")
        }
    }

    private static func requireNoValue(_ parameter: ExtensionDescription.Parameter) throws(ExtensionRefusal) {
        guard parameter.value == nil else {
            throw ExtensionRefusal("permessage-deflate with a value for \(parameter.name), which takes none")
        }
    }

    /// RFC 7692 §7.1: a parameter may be there once.
    private static func requireFirst(
        _ parameter: ExtensionDescription.Parameter, _ isFirst: Bool
    ) throws(ExtensionRefusal) {
        guard isFirst else { throw ExtensionRefusal("permessage-deflate with \(parameter.name) twice") }
    }
}

/// The names of the parameters (RFC 7692 §7.1).
private enum Name {
    static let serverNoContextTakeover = "server_no_context_takeover"
    static let clientNoContextTakeover = "client_no_context_takeover"
    static let serverMaxWindowBits = "server_max_window_bits"
    static let clientMaxWindowBits = "client_max_window_bits"
}
