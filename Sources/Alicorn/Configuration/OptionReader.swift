// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Foundation

/// Finds each option in the first place that has it (P-01), and notes what is wrong.
///
/// An option is said once: `options.read("ws-max-size", .bytes(atLeast: 1), into: &size)` makes its name on the command
/// line, its variables `ALICORN_WS_MAX_SIZE` and `UVICORN_WS_MAX_SIZE`, its key in the file, its type and its check.
struct OptionReader: Sendable {
    /// The places, the last being the one that counts.
    enum Place: Int, Sendable, Comparable {
        case customaryVariable, file, uvicornVariable, alicornVariable, commandLine

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// How the elements of a list stand in one text.
    enum Separation: Sendable {
        /// White space in variables; on the command line the option is repeated (U-C-02).
        case spaces
        /// Colons in variables, as between paths; on the command line the option is repeated (U-C-02).
        case colons
        /// Commas, everywhere.
        case commas
    }

    private struct Given {
        let place: Place
        /// As it is named in a sentence.
        let name: String
        let values: [GivenValue]
    }

    private let commandLine: [String: [String]]
    private let environment: [String: String]
    private var file: ConfigurationFile?
    private var places: [String: Place] = [:]
    private var known: Set<String> = []

    /// What is wrong so far, a sentence for each.
    private(set) var problems: [String] = []

    /// Reads the configuration file, if `--config` or its variables name one.
    init(commandLine: [String: [String]], environment: [String: String]) throws(InvalidSettings) {
        self.commandLine = commandLine
        self.environment = environment
        var path: String?
        read("config", .text, into: &path)
        // A file does not name another.
        known.remove("config")
        file = try path.map { path throws(InvalidSettings) in try ConfigurationFile(path) }
    }

    /// The names of all options that were found.
    var given: Set<String> { Set(places.keys) }

    /// Notes something that is wrong.
    mutating func refuse(_ sentence: String) { problems.append(sentence) }

    /// Where the option was found; `nil` where it was not, or was not asked for yet.
    func place(of name: String) -> Place? { places[name] }

    /// Keys of the file for which no option was asked.
    var unknownKeys: [String] {
        guard let file else { return [] }
        return file.values.keys.filter { !known.contains($0) }.sorted().map { key in
            "the configuration file \(Excerpt(file.path)) has the key \(Excerpt(key)), but there is no such option: "
                + "the help of the command lists all"
        }
    }

    /// Reads an option, if it is given.
    ///
    /// - Parameter variable: one that counts when the option is given nowhere (U-C-03).
    mutating func read<Value>(
        _ name: String, _ type: OptionType<Value>, orVariable variable: String? = nil, into value: inout Value
    ) {
        if let read = find(name, type, variable) { value = read }
    }

    /// Reads an option that has no default, if it is given.
    mutating func read<Value>(_ name: String, _ type: OptionType<Value>, into value: inout Value?) {
        if let read = find(name, type, nil) { value = read }
    }

    /// Reads an option that is a list, if it is given.
    ///
    /// - Parameters:
    ///   - plural: its name in click's variables, where that differs (U-C-02).
    ///   - variable: one that counts when the option is given nowhere (U-C-03).
    mutating func read<Value>(
        _ name: String, each type: OptionType<Value>, by separation: Separation, plural: String? = nil,
        orVariable variable: String? = nil, into list: inout [Value]
    ) {
        if let read = find(name, each: type, by: separation, plural, variable) { list = read }
    }

    /// Reads an option that is a list and has no default, if it is given; an empty list is one, too.
    mutating func read<Value>(
        _ name: String, each type: OptionType<Value>, by separation: Separation, into list: inout [Value]?
    ) {
        if let read = find(name, each: type, by: separation, nil, nil) { list = read }
    }

    private mutating func find<Value>(
        _ name: String, each type: OptionType<Value>, by separation: Separation, _ plural: String?, _ variable: String?
    ) -> [Value]? {
        guard let given = given(name, plural.map { [$0] } ?? [], variable) else { return nil }
        return given.values.flatMap { $0.elements(separation, in: given.place) }.compactMap { element in
            let value = element.value(type)
            if value == nil { complain(of: given, element, type) }
            return value
        }
    }

    private mutating func find<Value>(_ name: String, _ type: OptionType<Value>, _ variable: String?) -> Value? {
        guard let given = given(name, [], variable), let last = given.values.last else { return nil }
        let value = last.value(type)
        if value == nil { complain(of: given, last, type) }
        return value
    }

    private mutating func complain<Value>(of given: Given, _ value: GivenValue, _ type: OptionType<Value>) {
        refuse("\(given.name) is \(value.description(where: type.isText)), but must be \(type.expected)")
    }

    private mutating func given(_ name: String, _ others: [String], _ variable: String?) -> Given? {
        let names = [name] + others
        known.formUnion(names)
        let given = onCommandLine(name) ?? inEnvironment(names) ?? inFile(names) ?? variable.flatMap(customary)
        if let given { places[name] = given.place }
        return given
    }

    private func onCommandLine(_ name: String) -> Given? {
        commandLine[name].map { Given(place: .commandLine, name: "--\(name)", values: $0.map { .text($0) }) }
    }

    private func inEnvironment(_ names: [String]) -> Given? {
        for (prefix, place) in [("ALICORN_", Place.alicornVariable), ("UVICORN_", .uvicornVariable)] {
            for name in names {
                let variable = prefix + name.uppercased().replacing("-", with: "_")
                if let given = given(variable, place) { return given }
            }
        }
        return nil
    }

    private func inFile(_ names: [String]) -> Given? {
        guard let file else { return nil }
        for name in names {
            if let value = file.values[name] {
                return Given(place: .file, name: "\(name) in \(Excerpt(file.path))", values: [value])
            }
        }
        return nil
    }

    private func customary(_ variable: String) -> Given? { given(variable, .customaryVariable) }

    /// An empty variable counts as none, as for click.
    private func given(_ variable: String, _ place: Place) -> Given? {
        guard let text = environment[variable], !text.isEmpty else { return nil }
        return Given(place: place, name: "the variable \(variable)", values: [.text(text)])
    }
}

extension GivenValue {
    /// The elements of a list that is given as such, or in one text.
    fileprivate func elements(_ separation: OptionReader.Separation, in place: OptionReader.Place) -> [Self] {
        if case .list(let elements) = self { return elements }
        guard case .text(let text) = self else { return [self] }
        let isVariable = place != .commandLine && place != .file
        switch separation {
        case .commas:
            return text.split(separator: ",").map { .text($0.trimmingCharacters(in: .whitespaces)) }.filter {
                $0 != .text("")
            }
        case .spaces where isVariable:
            return text.split(whereSeparator: \.isWhitespace).map { .text(String($0)) }
        case .colons where isVariable:
            return text.split(separator: ":").map { .text(String($0)) }
        case .spaces, .colons:
            return [self]
        }
    }
}
