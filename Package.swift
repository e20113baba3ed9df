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
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")

// Sources/README.md says what each target is for. Imports point to earlier targets only, and every import is declared:
// `swift build --explicit-target-dependency-import-check error` checks it.
let package = Package(
    name: "ponder",
    products: [
        .executable(name: "ponder", targets: ["ponder"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Layer 0: not Swift. Scripts/build-shim builds the C++ of Sources/CTorch, and Torch opens it at run time, so the
        // package builds without libtorch.
        .systemLibrary(name: "CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CTorchAPI"),

        // Layer 1: safe Swift over layer 0, and what every target may use.
        target("ZeroMQ", ["CZeroMQ"]),
        target("Torch", ["CTorchAPI"]),
        target("Compression", ["CZstd"]),
        target("Primitives"),
        target("Processes"),
        target("StrictConfiguration"),

        // Layer 2: values and decisions. No tensor, no socket.
        target("Reasoning", ["StrictConfiguration"]),
        target("BuiltInVerifiers", ["Reasoning"]),
        target("Reinforcement", ["Reasoning"]),
        target("Settings", ["StrictConfiguration"]),
        target("WeightTransfer", ["Reinforcement", "Processes", "Primitives"]),
        target("Scheduling", ["Reinforcement"]),
        target("Tokenization"),
        target("ExternalPrograms", ["Reasoning"]),

        // Layer 3: messages, models, records, and what generation and measurement share.
        target("Wire", ["WeightTransfer", "Scheduling", "Reinforcement"]),
        target("Messaging", ["ZeroMQ"]),
        target("Transformers", ["Reinforcement", "Torch"]),
        target("ModelFiles", ["Transformers", "WeightTransfer", "Torch"]),
        target("RunStore", ["Scheduling", "Settings", "Reinforcement", "Primitives", grdb]),
        target("Episodes"),

        // Layer 4: the roles.
        target("Learning", ["Transformers", "Torch"]),
        target("Rollouts", ["Wire"]),
        target("Coordination", ["RunStore", "Transformers", "Wire", "Settings", "Torch"]),
        target("Launching", ["Reasoning"]),

        // Layer 5: the parts put together.
        target("Service", ["Settings"]),
        target("Benchmarks", ["Transformers", "Tokenization", "Torch", "ZeroMQ"]),
        .executableTarget(
            name: "ponder",
            dependencies: [
                "Service", "Rollouts", "Transformers", "Messaging", "Tokenization", "Settings", "Torch",
                "ZeroMQ", argumentParser,
            ],
            resources: [.copy("Resources/base"), .copy("Resources/deploy")],
            swiftSettings: swiftSettings
        ),

        // For tests: in-process transports, the simulator and scripted peers; and raw sockets with proxies.
        target("TestSupport", ["Wire", "Scheduling", "Reinforcement"]),
        target("TestNetwork", ["TestSupport", "ZeroMQ"]),
        tests("ZeroMQTests", ["ZeroMQ"]),
        tests("TorchTests", ["Torch"]),
        tests("CompressionTests"),
        tests("StrictConfigurationTests", ["StrictConfiguration"]),
        tests("ReasoningTests", ["Reasoning"]),
        tests("BuiltInVerifiersTests", ["BuiltInVerifiers", "Reasoning"]),
        tests("ReinforcementTests"),
        tests("SettingsTests"),
        tests(
            "WeightTransferTests",
            [
                "Messaging", "WeightTransfer", "Reinforcement", "Primitives", "Compression", "Torch",
            ]),
        tests("SchedulingTests", ["WeightTransfer", "Reinforcement"]),
        tests("TokenizationTests", ["Tokenization"]),
        tests("ExternalProgramsTests", ["ExternalPrograms", "Reasoning"]),
        tests("WireTests", ["Wire"]),
        tests("MessagingTests", ["Messaging", "Wire", "ZeroMQ"]),
        tests("TransformersTests", ["Transformers"]),
        tests("ModelFilesTests", ["Transformers"]),
        tests("RunStoreTests", ["RunStore", "Settings"]),
        tests("LearningTests", ["Transformers"]),
        tests(
            "CoordinationTests",
            [
                "Service", "Coordination", "Rollouts", "RunStore", "Transformers", "Messaging", "Wire",
                "ExternalPrograms", "Scheduling", "Settings", "Reinforcement", "Reasoning", "Processes",
                "Torch", "ZeroMQ",
            ]),
        tests("LaunchingTests", ["Launching"]),
        tests("CommandTests", ["ponder", "ponder", "RunStore", "Tokenization", "Scheduling", "ZeroMQ"]),
    ]
)
