// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Several expositions in one format as a single one: the samples of a metric have to stand together, below one head.
package struct MergedExposition {
    package init() {}

    private struct Family {
        var head: [UInt8] = []
        var samples: [UInt8] = []
    }

    private var names: [[UInt8]] = []
    private var families: [[UInt8]: Family] = [:]
    private var isOpenMetrics = false

    /// Adds what an ``ExpositionWriter`` has written. No two may have the same series.
    package mutating func add(_ exposition: [UInt8]) {
        var family = Family()
        var name: [UInt8]?
        for line in exposition.split(separator: UInt8(ascii: "\n")) {
            guard line.first == UInt8(ascii: "#") else {
                family.samples += line + [UInt8(ascii: "\n")]
                continue
            }
            // # HELP name text, # TYPE name kind, # UNIT name unit, and # EOF.
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
            guard words.count > 2 else {
                isOpenMetrics = true
                continue
            }
            let next = Array(words[2])
            if next != name {
                keep(family, name)
                family = Family()
                name = next
            }
            family.head += line + [UInt8(ascii: "\n")]
        }
        keep(family, name)
    }

    private mutating func keep(_ family: Family, _ name: [UInt8]?) {
        guard let name else { return }
        if families[name] == nil {
            names.append(name)
            families[name] = family
        } else {
            families[name]?.samples += family.samples
        }
    }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for family in names.compactMap({ families[$0] }) { bytes += family.head + family.samples }
        return isOpenMetrics ? bytes + Array("# EOF\n".utf8) : bytes
    }
}
