// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport

/// What tells one state of a file from another (RFC 9110 §8.8).
struct Validators: Sendable, Hashable {
    /// A strong one: size, time of the last change to the nanosecond, and which file it is.
    let entityTag: String
    /// Seconds since the beginning of 1970.
    let modified: Int64

    init(_ file: OpenFile) {
        func hexadecimal(_ number: some BinaryInteger) -> String { String(number, radix: 16) }
        entityTag =
            "\"\(hexadecimal(file.size))-\(hexadecimal(file.modified.seconds))."
            + "\(hexadecimal(file.modified.nanoseconds))-\(hexadecimal(file.inode))\""
        modified = file.modified.seconds
    }

    init(entityTag: String, modified: Int64) {
        self.entityTag = entityTag
        self.modified = modified
    }

    var lastModified: String { HTTPDate.text(unixSeconds: modified) }
}

/// What a request for a file depends on (RFC 9110 §13.2.2), in the order in which it is to be looked at.
enum Precondition: Sendable, Hashable {
    /// The file is sent.
    case holds
    /// The client has it already: 304.
    case notModified
    /// 412.
    case failed

    init(_ request: HeaderFields, _ validators: Validators) {
        if request.contains("If-Match") {
            guard request.entityTags(of: "If-Match").contains(where: { $0.matches(validators, isWeak: false) }) else {
                self = .failed
                return
            }
        } else if let moment = request.moment(of: "If-Unmodified-Since"), validators.modified > moment.seconds {
            self = .failed
            return
        }
        if request.contains("If-None-Match") {
            let isKnown = request.entityTags(of: "If-None-Match").contains { $0.matches(validators, isWeak: true) }
            self = isKnown ? .notModified : .holds
        } else if let moment = request.moment(of: "If-Modified-Since"), validators.modified <= moment.seconds {
            self = .notModified
        } else {
            self = .holds
        }
    }

    /// Whether a `Range` counts by what `If-Range` says (RFC 9110 §13.1.5).
    static func allowsRange(_ request: HeaderFields, _ validators: Validators) -> Bool {
        guard let condition = request.first("If-Range") else { return true }
        return condition == validators.entityTag || HTTPMoment(condition.utf8)?.seconds == validators.modified
    }
}

/// A member of a list of entity tags.
private enum EntityTag {
    case any
    /// With its quotes.
    case tag(Substring, isWeak: Bool)

    /// RFC 9110 §8.8.3.2; ours are strong.
    func matches(_ validators: Validators, isWeak: Bool) -> Bool {
        switch self {
        case .any: true
        case .tag(let text, let isWeakTag): text == validators.entityTag && (isWeak || !isWeakTag)
        }
    }
}

extension HeaderFields {
    /// The list as far as it is one: what is malformed and all behind it count as not there.
    fileprivate func entityTags(of name: String) -> [EntityTag] {
        var tags: [EntityTag] = []
        for value in values(of: name) {
            var rest = value[...]
            while true {
                rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
                if rest.first == "*" {
                    tags.append(.any)
                    rest = rest.dropFirst()
                    continue
                }
                let isWeak = rest.hasPrefix("W/")
                let quoted = isWeak ? rest.dropFirst(2) : rest
                guard quoted.first == "\"", let end = quoted.dropFirst().firstIndex(of: "\"") else { break }
                tags.append(.tag(quoted[...end], isWeak: isWeak))
                rest = quoted[quoted.index(after: end)...]
            }
        }
        return tags
    }

    /// A date; `nil` for what is none.
    fileprivate func moment(of name: String) -> HTTPMoment? { first(name).flatMap { HTTPMoment($0.utf8) } }
}
