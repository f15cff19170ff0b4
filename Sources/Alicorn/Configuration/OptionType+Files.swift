// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

extension OptionType where Value == String {
    /// The path of a file that this process may read, now.
    static var readableFile: Self {
        Self("the path of a file that exists and may be read", isText: true) { path in
            var isDirectory: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            return exists && !isDirectory.boolValue && FileManager.default.isReadableFile(atPath: path) ? path : nil
        }
    }

    /// The path of a directory that exists, now.
    static var directory: Self {
        Self("the path of a directory that exists", isText: true) { path in
            var isDirectory: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            return exists && isDirectory.boolValue ? path : nil
        }
    }
}
