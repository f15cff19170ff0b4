// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// One program, in the folder of its name. They share a package, and with it one build of what they depend on.
func example(_ name: String, _ product: String = "AlicornWebSocket") -> Target {
    .executableTarget(name: name, dependencies: [.product(name: product, package: "alicorn")], path: name)
}

let package = Package(
    name: "alicorn-examples",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "alicorn", path: "..", traits: [])],
    targets: [
        example("Echo"), example("Chat"), example("Feed"), example("Topics"), example("Reconnecting"), example("TLS"),
        example("SansIO", "AlicornProtocol"), example("ASGI", "Alicorn"), example("Site", "Alicorn"),
    ],
    swiftLanguageModes: [.v6]
)
