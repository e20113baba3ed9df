// swift-tools-version: 6.2
import PackageDescription

// One set of language rules for every target. Warnings are errors in CI only.
let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (Context.environment["CI"] == "true" ? [.treatAllWarnings(as: .error)] : [])

func target(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: swiftSettings)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "ponder",
    products: [
        .executable(name: "ponder", targets: ["ponder"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Layer 0: what is not Swift. The C++ of Sources/CTorch is built by Scripts/build-shim and opened at run time, so the
        // package builds without libtorch.
        .systemLibrary(name: "CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CTorchAPI"),
        // Layer 1: thin, safe Swift over layer 0.
        target("ZeroMQ", ["CZeroMQ"]),
        target("Torch", ["CTorchAPI"]),
        target("Primitives"),
        target("Processes"),
        target("Compression", ["CZstd"]),

        // Layer 2: no tensor, no socket.
        target("Reasoning", ["Processes"]),
        target("Reinforcement", ["Reasoning"]),
        target("Tokenization", [crypto]),
        target("Wire", ["Reasoning", "Reinforcement", "Compression", "Processes", crypto]),
        // Beside layer 2: starts processes, knows no tensor and no socket.
        target("ExternalPrograms", ["Reasoning", "Processes"]),

        // Layer 3: models, messages and the run's records.
        target("Transformers", ["Torch", "Tokenization", crypto]),
        target("Messaging", ["ZeroMQ", "Wire", "Reinforcement", "Primitives", deque, logging]),
        target("RunStore", ["Reasoning", "Reinforcement", grdb, yams, crypto]),

        // Layer 4: the three roles.
        target("Learning", ["Transformers", "Reinforcement", "Reasoning", "RunStore", "Processes"]),
        target(
            "Rollouts",
            ["Transformers", "Reinforcement", "Reasoning", "ExternalPrograms", "Wire", "RunStore", crypto]),
        target(
            "Coordination",
            [
                "Learning", "Rollouts", "ExternalPrograms", "Messaging", "RunStore", "Wire", "Processes",
                "Primitives", crypto,
            ]),
        // Starts all of them with what a cluster has: scripts in, processes out, no socket and no tensor.
        target("Launching", ["Reasoning", "Processes"]),

        // Layer 5: the command line.
        .executableTarget(
            name: "ponder",
            dependencies: [
                "Coordination", "Launching", "Learning", "Rollouts", "ExternalPrograms", "Messaging",
                "Processes",
                "RunStore", "ZeroMQ",
                argumentParser,
                logging,
            ],
            resources: [.copy("Resources/base"), .copy("Resources/deploy")],
            swiftSettings: swiftSettings
        ),

        target("TestSupport", ["Wire", "Reinforcement", "Reasoning", "ZeroMQ"]),
        tests("PrimitivesTests", ["Primitives"]),
        tests("ZeroMQTests", ["ZeroMQ"]),
        tests("CompressionTests", ["Compression"]),
        tests("TorchTests", ["Torch"]),
        tests("ReasoningTests", ["Reasoning"]),
        tests("ReinforcementTests", ["Reinforcement"]),
        tests("TokenizationTests", ["Tokenization"]),
        tests("WireTests", ["Wire"]),
        tests("ExternalProgramsTests", ["ExternalPrograms", "Reasoning"]),
        tests("TransformersTests", ["Transformers"]),
        tests("MessagingTests", ["Messaging", logging]),
        tests("RunStoreTests", ["RunStore"]),
        tests("LearningTests", ["Learning"]),
        tests("CoordinationTests", ["Coordination", "Rollouts", "ExternalPrograms", "Processes"]),
        tests("LaunchingTests", ["Launching"]),
        tests("CommandTests", ["ponder"]),
    ]
)
