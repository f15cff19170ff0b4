// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import CLinux
#else
import Darwin
#endif

/// Where characters come to stand on a screen with so many columns, when they begin at the left.
struct ScreenLayout {
    private let columns: Int
    private(set) var row = 0
    private(set) var column = 0

    init(columns: Int) { self.columns = max(2, columns) }

    mutating func add(_ character: Character) {
        let width = min(character.columns, columns)
        // One that has no room any more begins the next row.
        if column + width > columns { (row, column) = (row + 1, 0) }
        column += width
    }

    /// Where the next character of one column goes.
    var next: (row: Int, column: Int) { column == columns ? (row + 1, 0) : (row, column) }
}

extension Character {
    /// How many columns it takes in a terminal.
    var columns: Int {
        var width = 0
        for scalar in unicodeScalars { width = max(width, Int(Self.columns(of: Int32(scalar.value)))) }
        return width
    }

    private static func columns(of scalar: Int32) -> Int32 {
        #if os(Linux)
        clinux_wcwidth(scalar)
        #else
        wcwidth(scalar)
        #endif
    }
}
