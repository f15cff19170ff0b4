// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// One libFuzzer program. `scripts/fuzz` builds them: the sanitizers have to reach the modules of Alicorn, too, and a
/// manifest can set flags only for its own targets.
func fuzzer(_ name: String, folder: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [
            "FuzzDriver", .product(name: "AlicornProtocol", package: "alicorn"),
            .product(name: "AlicornDeflate", package: "alicorn"),
        ],
        path: "Sources/\(folder)"
    )
}

let package = Package(
    name: "alicorn-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "alicorn", path: "..")],
    targets: [
        .target(name: "CLibFuzzer"),
        .target(name: "FuzzDriver", dependencies: ["CLibFuzzer"]),
        fuzzer("fuzz-request", folder: "Request"),
        fuzzer("fuzz-response", folder: "Response"),
        fuzzer("fuzz-frames", folder: "Frames"),
        fuzzer("fuzz-extension-header", folder: "ExtensionHeader"),
        fuzzer("fuzz-inflate", folder: "Inflate"),
    ],
    swiftLanguageModes: [.v6]
)
