// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Configuration
import Foundation
import Synchronization

/// A file with options by their names: `host: 0.0.0.0`, or `{"ws-max-size": 1000000}`; lists are lists.
///
/// Relative paths in it begin where the process runs, as those on the command line do.
struct ConfigurationFile: Sendable {
    /// Where it lies.
    let path: String
    /// By the options' names; a key with underscores stands for the same with dashes.
    private(set) var values: [String: GivenValue] = [:]

    /// The longest file that is read, in bytes.
    private static let limit = 1 << 20

    /// Reads a file; the end of its name tells its format.
    init(_ path: String) throws(InvalidSettings) {
        self.path = path
        let parse =
            switch path.lowercased().split(separator: ".").last {
            case "json": Self.json
            case "yaml", "yml": Self.yaml
            default:
                throw InvalidSettings([
                    "the configuration file \(Excerpt(path)) has no known format: its name must end in .json, .yaml or .yml"
                ])
            }
        let read: [(String, GivenValue)]
        do {
            read = try parse(try Self.contents(of: path))
        } catch {
            throw InvalidSettings(["the configuration file \(Excerpt(path)) cannot be read: \(error)"])
        }
        for (key, value) in read {
            let name = key.replacing("_", with: "-")
            guard values.updateValue(value, forKey: name) == nil else {
                throw InvalidSettings(["the configuration file \(Excerpt(path)) has the key \(name) twice: leave one"])
            }
        }
    }

    private static func contents(of path: String) throws -> Data {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Fault("there is no such file, or it may not be opened")
        }
        defer { try? file.close() }
        let data = try file.read(upToCount: limit + 1) ?? Data()
        guard data.count <= limit else { throw Fault("it is longer than \(limit) bytes") }
        return data
    }

    private static func json(_ data: Data) throws -> [(String, GivenValue)] {
        let value: Any
        do {
            value = try JSONSerialization.jsonObject(with: data)
        } catch {
            throw Fault("it is no JSON: \((error as NSError).userInfo[NSDebugDescriptionErrorKey] ?? error)")
        }
        guard let object = value as? [String: Any] else { throw Fault("it holds no JSON object") }
        return try object.map { ($0, try GivenValue(json: $1, of: $0)) }
    }

    private static func yaml(_ data: Data) throws -> [(String, GivenValue)] {
        // A snapshot answers for a key, but lists none: it asks of each whether it is secret.
        let keys = Mutex<[String]>([])
        let snapshot = try YAMLSnapshot(
            data: Array(data).span.bytes, providerName: "",
            parsingOptions: .init(
                secretsSpecifier: .dynamic { key, _ in
                    keys.withLock { $0.append(key) }
                    return false
                }))
        return try keys.withLock(\.self).map { ($0, try GivenValue(yaml: $0, in: snapshot)) }
    }

    fileprivate struct Fault: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}

extension GivenValue {
    fileprivate init(json value: Any, of key: String) throws {
        switch value {
        case let text as String: self = .text(text)
        // C's name for a boolean: it is a number for Swift, too.
        case let number as NSNumber where String(cString: number.objCType) == "c": self = .boolean(number.boolValue)
        case let number as NSNumber: self = .number("\(number)")
        case let list as [Any]: self = .list(try list.map { try Self(json: $0, of: key) })
        case is NSNull: self = .null
        default: throw ConfigurationFile.Fault("the key \(Excerpt(key)) holds keys of its own")
        }
    }

    /// YAML's scalars are texts until somebody reads them.
    fileprivate init(yaml key: String, in snapshot: YAMLSnapshot) throws {
        let key = AbsoluteConfigKey([key])
        if case .string(let text)? = try? snapshot.value(forKey: key, type: .string).value?.content {
            self = .text(text)
        } else if case .stringArray(let texts)? = try snapshot.value(forKey: key, type: .stringArray).value?.content {
            self = .list(texts.map { .text($0) })
        } else {
            self = .null
        }
    }
}
