// swift-tools-version: 6.2
import PackageDescription

// One set of language rules for every target. Warnings are errors in CI only.
let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (Context.environment["CI"] == "true" ? [.treatAllWarnings(as: .error)] : [])

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

// Imports point down, and every import is declared: `swift build --explicit-target-dependency-import-check error` keeps it so.
// Sources/README.md says what each target is for.
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
        // Layer 0: not Swift. Scripts/build-shim builds the C++ of Sources/CTorch, and Torch opens it at run time, so the
        // package builds without libtorch.
        .systemLibrary(name: "CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CTorchAPI"),

        // Layer 1: safe Swift over layer 0, and what every target may use.
        target("ZeroMQ", ["CZeroMQ", "Primitives"]),
        target("Torch", ["CTorchAPI"]),
        target("Compression", ["CZstd"]),
        target("Primitives", [crypto]),
        target("Processes"),
        target("StrictConfiguration", [yams]),

        // Layer 2: values and decisions. No tensor, no socket.
        target("Reasoning", []),
        target("Reinforcement", ["Reasoning"]),
        target("Settings", ["Reasoning", "Reinforcement", "StrictConfiguration", "Primitives", crypto]),
        target("Scheduling", ["Reasoning", "Reinforcement", "WeightTransfer", "Primitives"]),
        target("WeightTransfer", ["Reinforcement", "Compression", "Processes", "Primitives", deque, crypto]),
        target("Tokenization", [crypto]),
        target("ExternalPrograms", ["Reasoning", "Processes"]),

        // Layer 3: models, messages, records, and what generation and measurement share.
        target("Wire", ["Reasoning", "Reinforcement", "Scheduling", "WeightTransfer", "Primitives"]),
        target("Messaging", ["ZeroMQ", "Wire", "Scheduling", "Reinforcement", "WeightTransfer", "Primitives", deque, logging]),
        target("Transformers", ["Torch", "Reinforcement"]),
        target("ModelFiles", ["Transformers", "Torch", "Tokenization", "Reinforcement", "WeightTransfer", "Primitives", crypto]),
        target("RunStore", ["Settings", "StrictConfiguration", "Scheduling", "Reasoning", "Reinforcement", "Primitives", grdb, crypto]),
        target("Episodes", ["Settings", "Tokenization", "ExternalPrograms", "Reasoning", "Reinforcement"]),

        // Layer 4: the roles.
        target("Learning", ["ModelFiles", "Transformers", "Torch", "Tokenization", "Reinforcement", "Reasoning", "Settings", "Processes"]),
        target(
            "Rollouts",
            [
                "Episodes", "ModelFiles", "Transformers", "Torch", "Tokenization", "ExternalPrograms", "Settings",
                "StrictConfiguration", "Wire",
                "Scheduling", "WeightTransfer", "Reinforcement", "Reasoning", "Primitives", crypto,
            ]),
        target(
            "Coordination",
            [
                "Episodes", "Learning", "ModelFiles", "Transformers", "Torch", "Tokenization", "ExternalPrograms", "RunStore",
                "Settings", "StrictConfiguration", "Wire", "Scheduling", "WeightTransfer", "Reinforcement", "Reasoning",
                "Processes", "Primitives", crypto,
            ]),
        target("Launching", ["Reasoning", "Processes"]),

        // Layer 5: the parts put together.
        target(
            "Service",
            [
                "Coordination", "Messaging", "Wire", "Scheduling", "RunStore", "Settings", "ExternalPrograms", "Processes", "ModelFiles",
                "Transformers", "Torch", "Tokenization", "ZeroMQ",
            ]),
        target(
            "Benchmarks",
            [
                "Learning", "Transformers", "Torch", "Tokenization", "Reinforcement", "Reasoning", "Settings", "RunStore",
                "Scheduling", "Wire", "WeightTransfer", "Messaging", "Processes", "Primitives", "ZeroMQ",
            ]),
        .executableTarget(
            name: "ponder",
            dependencies: [
                "Benchmarks", "Service", "Coordination", "Launching", "Learning", "Rollouts", "Episodes", "ExternalPrograms",
                "Messaging", "ModelFiles", "Transformers", "Torch", "Tokenization", "RunStore", "Settings",
                "StrictConfiguration", "Scheduling", "Reinforcement", "Reasoning", "Wire", "WeightTransfer", "Primitives", "ZeroMQ",
                argumentParser,
                logging,
            ],
            resources: [.copy("Resources/base"), .copy("Resources/deploy")],
            swiftSettings: swiftSettings
        ),

        // For tests: in-process transports, the simulator and scripted peers; and raw sockets with proxies.
        target("TestSupport", ["Primitives", "Wire", "Scheduling", "WeightTransfer", "Reinforcement", "Reasoning"]),
        target("TestNetwork", ["Primitives", "TestSupport", "ZeroMQ"]),
        tests("PrimitivesTests", ["Primitives"]),
        tests("ZeroMQTests", ["Primitives", "TestNetwork", "TestSupport", "ZeroMQ"]),
        tests("CompressionTests", ["Compression"]),
        tests("TorchTests", ["Torch"]),
        tests("ReasoningTests", ["ExternalPrograms", "Reasoning"]),
        tests("ReinforcementTests", ["Reasoning", "Reinforcement", "TestSupport"]),
        tests(
            "SettingsTests",
            [
                "Reasoning", "Reinforcement", "RunStore", "Scheduling", "Settings", "StrictConfiguration",
                "WeightTransfer",
            ]),
        tests(
            "SchedulingTests",
            [
                "Reasoning", "Reinforcement", "Scheduling", "TestSupport", "WeightTransfer",
            ]),
        tests(
            "WeightTransferTests",
            [
                "Compression", "Messaging", "Primitives", "Reinforcement", "TestSupport", "Torch",
                "WeightTransfer", "Wire",
            ]),
        tests("TokenizationTests", ["TestSupport", "Tokenization"]),
        tests("ExternalProgramsTests", ["ExternalPrograms", "Reasoning"]),
        tests(
            "WireTests",
            [
                "Primitives", "Reasoning", "Reinforcement", "Scheduling", "TestSupport", "WeightTransfer",
                "Wire",
            ]),
        tests(
            "MessagingTests",
            [
                "Messaging", "Primitives", "Reinforcement", "Scheduling", "TestNetwork", "TestSupport",
                "WeightTransfer", "Wire", "ZeroMQ", logging,
            ]),
        tests("TransformersTests", ["ModelFiles", "Reinforcement", "Torch", "Transformers"]),
        tests("ModelFilesTests", ["ModelFiles", "Tokenization", "Torch", "Transformers"]),
        tests("RunStoreTests", ["Reasoning", "Reinforcement", "RunStore", "Scheduling", "Settings"]),
        tests(
            "LearningTests",
            [
                "Learning", "ModelFiles", "Reasoning", "Reinforcement", "RunStore", "Settings",
                "Tokenization", "Torch", "Transformers",
            ]),
        tests(
            "CoordinationTests",
            [
                "Coordination", "Episodes", "ExternalPrograms", "Messaging", "ModelFiles", "Primitives",
                "Processes", "Reasoning", "Reinforcement", "Rollouts", "RunStore", "Scheduling", "Service",
                "Settings", "StrictConfiguration", "TestNetwork", "TestSupport", "Tokenization", "Torch",
                "Transformers", "WeightTransfer", "Wire", "ZeroMQ",
            ]),
        tests("LaunchingTests", ["Launching"]),
        tests(
            "CommandTests",
            [
                "ponder", "Learning", "Messaging", "Reasoning", "RunStore", "Settings",
                "StrictConfiguration", "TestSupport", "Tokenization", "ZeroMQ",
            ]),
    ]
)
