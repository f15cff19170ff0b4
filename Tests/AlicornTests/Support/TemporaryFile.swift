// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

/// A file that is removed when nobody holds it any more.
final class TemporaryFile: Sendable {
    let path: String

    /// - Parameter format: the end of its name.
    init(_ contents: String, format: String) throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("alicorn-\(UUID().uuidString).\(format)").path
        try Data(contents.utf8).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
