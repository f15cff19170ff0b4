// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

extension ParsableArguments {
    /// The options that were given, by their names, as texts.
    ///
    /// Properties are looked at by reflection, as ArgumentParser finds them itself, so that no option is listed twice.
    var given: [String: [String]] {
        var given: [String: [String]] = [:]
        for child in Mirror(reflecting: self).children {
            // A wrapped property is stored with an underscore before its name.
            guard let name = child.label?.drop(while: { $0 == "_" }).asOptionName else { continue }
            switch child.value {
            case let option as Option<String?>: given[name] = option.wrappedValue.map { [$0] }
            case let option as Option<[String]>: given[name] = option.wrappedValue.isEmpty ? nil : option.wrappedValue
            case let flag as Flag<Bool?>: given[name] = flag.wrappedValue.map { ["\($0)"] }
            case let flag as Flag<Bool>: given[name] = flag.wrappedValue ? ["true"] : nil
            case let group as any GroupOfArguments: given.merge(group.given) { first, _ in first }
            default: break
            }
        }
        return given
    }
}

/// An `OptionGroup` of whatever type.
private protocol GroupOfArguments {
    var given: [String: [String]] { get }
}

extension OptionGroup: GroupOfArguments {
    fileprivate var given: [String: [String]] { wrappedValue.given }
}

extension Substring {
    /// `wsMaxSize` as ArgumentParser writes it: `ws-max-size`.
    fileprivate var asOptionName: String {
        reduce(into: "") { name, character in
            name += character.isUppercase ? "-\(character.lowercased())" : "\(character)"
        }
    }
}
