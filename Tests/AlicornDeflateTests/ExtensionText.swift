// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Reads an element as it stands in the header, without quotes: `name; parameter; parameter=value`.
func element(_ text: String) -> ExtensionDescription {
    var parts = text.split(separator: ";").map { $0.drop { $0 == " " } }
    let name = String(parts.removeFirst())
    let parameters = parts.map { part -> ExtensionDescription.Parameter in
        guard let equals = part.firstIndex(of: "=") else { return .init(String(part)) }
        return .init(String(part[..<equals]), String(part[part.index(after: equals)...]))
    }
    return ExtensionDescription(name, parameters)
}

/// Writes an element as it stands in the header.
func text(_ element: ExtensionDescription) -> String {
    let parameters = element.parameters.map { parameter in
        parameter.value.map { "\(parameter.name)=\($0)" } ?? parameter.name
    }
    return ([element.name] + parameters).joined(separator: "; ")
}
