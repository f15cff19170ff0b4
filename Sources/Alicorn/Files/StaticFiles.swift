// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
public import AlicornProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension Router {
    /// Answers `GET` and `HEAD` with the files of a folder, as ``Response/file(_:for:contentType:cachedFor:)`` does.
    ///
    /// For a folder within it `index.html` is sent; a path that lacks its last slash is led there. Everything is 404 that is
    /// hidden, which is what begins with a dot, that is not a regular file, or that is not within the folder, by whatever
    /// symbolic links. The folder itself may be a link, and lead to another place tomorrow. What is in `.well-known` is served
    /// by a route of its own.
    ///
    /// - Parameters:
    ///   - pattern: the path that the folder stands at.
    ///   - folder: an absolute path, or one from where the program was started.
    ///   - lifetime: how long a client may use a file without asking again; `nil` leaves that to it, and it asks mostly.
    /// - Throws: ``AlicornProtocol/RoutingMisuse``, also when there is no such folder.
    public mutating func files(
        _ pattern: String, from folder: String, cachedFor lifetime: Duration? = nil
    ) throws(RoutingMisuse) {
        guard let resolved = RealPath(folder), resolved.isFolder else { throw .noFolder(folder) }
        let files = StaticFiles(
            // What is relative is so to where the program is now, and not later.
            folder: folder.hasPrefix("/") ? folder : resolved.text, lifetime: lifetime)
        var prefix = pattern[...]
        while prefix.last == "/" { prefix.removeLast() }
        if !prefix.isEmpty { try get(String(prefix)) { context in try context.redirectionIntoFolder() } }
        try get("\(prefix)/{\(StaticFiles.parameter):path}") { context in try await files.response(to: context) }
    }
}

/// The files of a folder.
struct StaticFiles: Sendable {
    /// The name of the parameter that is the path within the folder.
    static let parameter = "path"

    let folder: String
    let lifetime: Duration?

    func response(to context: RequestContext) async throws -> Response {
        let path = context.parameters[Self.parameter] ?? ""
        // In a name there is no slash: one that is escaped is none that separates folders.
        let hasEscapedSlash = context.rawPath.lowercased().contains("%2f")
        switch hasEscapedSlash ? .nothing : try await offLoop({ find(path) }) {
        case .file(let file, let name): return try Response(file, ContentType.of(name), lifetime, to: context)
        case .folder: return try context.redirectionIntoFolder()
        case .nothing: return .text("Not Found\n", status: 404)
        }
    }

    private enum Found {
        case file(OpenFile, name: String)
        /// A folder by a path without its last slash.
        case folder
        case nothing
    }

    /// Blocks.
    private func find(_ path: String) -> Found {
        var names = path.split(separator: "/", omittingEmptySubsequences: false)
        let isFolderAskedFor = names.last?.isEmpty ?? true
        if isFolderAskedFor { names.removeLast() }
        guard names.allSatisfy({ !$0.isEmpty && $0.utf8.first != UInt8(ascii: ".") && !$0.utf8.contains(0) }),
            let root = RealPath(folder), let place = RealPath(names.joined(separator: "/"), within: root)
        else { return .nothing }
        guard place.isFolder else { return isFolderAskedFor ? .nothing : open(place, as: names.last ?? "") }
        guard isFolderAskedFor else { return .folder }
        names.append("index.html")
        return RealPath(names.joined(separator: "/"), within: root).map { open($0, as: "index.html") } ?? .nothing
    }

    /// - Parameter name: what it is called in the request: what a link leads to may be called otherwise.
    private func open(_ place: RealPath, as name: some StringProtocol) -> Found {
        // The links are resolved: one that stands there now has come meanwhile, from who changes the folder.
        guard let file = try? OpenFile.open(place.text, followsLink: false) else { return .nothing }
        return .file(file, name: String(name))
    }
}

/// A path that exists, without symbolic links. To make one blocks.
private struct RealPath {
    let text: String

    init?(_ path: String) {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        text = String(cString: resolved)
    }

    /// - Returns: `nil` when there is nothing, or it leads out of `folder`.
    init?(_ path: String, within folder: Self) {
        self.init("\(folder.text)/\(path)")
        guard isWithin(folder) else { return nil }
    }

    /// Compared byte by byte, as file systems do: to a `String` different bytes may be the same text.
    func isWithin(_ folder: Self) -> Bool {
        let slash = folder.text.utf8.last == UInt8(ascii: "/") ? "" : "/"
        return text.utf8.elementsEqual(folder.text.utf8) || text.utf8.starts(with: "\(folder.text)\(slash)".utf8)
    }

    var isFolder: Bool {
        var status = stat()
        return stat(text, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

extension RequestContext {
    /// To the same path with a slash, from which what is within the folder is found. The query stays.
    fileprivate func redirectionIntoFolder() throws -> Response {
        try .redirect(to: "\(rawPath)/\(queryString.isEmpty ? "" : "?\(queryString)")")
    }
}
