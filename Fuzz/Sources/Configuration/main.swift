// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
import FuzzDriver
import SettingsUnderFuzz

/// Where the file lies. Made before the fuzzer starts, which does not come back.
let folder: URL = {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("alicorn-fuzz-\(getpid())")
    do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
        fatalError("\(error)")
    }
    return folder
}()

// Configuration files in both formats, read with all options. Whatever is in them: no trap, and settings, or a sentence
// for each thing that is wrong. The variables of the script come beside the file.
fuzz { bytes in
    guard let input = FuzzInput(bytes) else { return }
    let file = folder.appendingPathComponent(input.options.0 & 1 == 0 ? "settings.json" : "settings.yaml")
    do { try Data(input.payload).write(to: file) } catch { fatalError("\(error)") }
    do throws(InvalidSettings) {
        _ = try ServerSettings(commandLine: ["config": [file.path]], environment: variables(of: input.script))
    } catch {
        check(!error.problems.isEmpty, "what is wrong is said")
        check(error.problems.allSatisfy { !$0.isEmpty }, "each thing that is wrong has a sentence")
    }
}

/// Each line of the script is a variable `NAME=value`.
func variables(of script: [UInt8]) -> [String: String] {
    var variables: [String: String] = [:]
    for line in script.split(separator: UInt8(ascii: "\n")) {
        let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1).map { String(decoding: $0, as: UTF8.self) }
        if parts.count == 2 { variables["ALICORN_" + parts[0]] = parts[1] }
    }
    // A path of its own would be read in the place of the file.
    variables["ALICORN_CONFIG"] = nil
    return variables
}
