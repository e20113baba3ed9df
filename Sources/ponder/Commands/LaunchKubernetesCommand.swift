import ArgumentParser
import ExternalPrograms
import Foundation
import Launching
import Settings
import ZeroMQ

extension KubernetesLaunch.Overlay: ExpressibleByArgument {}

struct LaunchKubernetesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubernetes",
        abstract: "Applies a coordinator and its workers to a Kubernetes cluster.",
        discussion: """
            Examples:
              ponder launch kubernetes config.yaml --workers 16 --image registry.example/ponder:1.0
              ponder launch kubernetes --workers 16 --overlay indexed-job --namespace team
              ponder launch kubernetes --workers 2 --dry-run

            It writes a kustomization over Deploy/kubernetes/base and applies it with kubectl. The namespace needs the
            Secrets ponder-coordinator-keys and ponder-worker-keys; Deploy/kubernetes/base/kustomization.yaml says how
            they are made. Scale workers with `kubectl scale deployment/ponder-worker`; the image is built from
            Deploy/Containerfile.
            """)

    @Argument(help: ArgumentHelp("The run's configuration.", valueName: "config"))
    var file: String?

    @OptionGroup var options: LaunchOptions

    @Option(help: ArgumentHelp("Image with ponder in it; the default is ponder:latest.", valueName: "image"))
    var image: String?

    @Option(help: ArgumentHelp("Namespace of everything; the default is ponder.", valueName: "name"))
    var namespace: String?

    @Option(help: ArgumentHelp("Context of kubectl's configuration.", valueName: "name"))
    var context: String?

    @Option(help: "What to change of the base.")
    var overlay: KubernetesLaunch.Overlay?

    func run() async throws {
        let settings = try LaunchSettings(
            file: options.settings,
            keys: LaunchOptions.keys + ["image", "namespace", "context", "overlay"])
        let store = options.state.store(settings)
        let id = LaunchRecord.newID("kubernetes")
        guard let workers = try settings.integer("workers", options.workers, in: 1...100_000) else {
            throw CommandFailure(.usage, "how many workers: give --workers N")
        }
        var plan = KubernetesLaunch(
            folder: LaunchTool.absolute(store.folder.appending(path: id).path(percentEncoded: false)),
            workers: workers)
        plan.image = settings.text("image", image) ?? plan.image
        plan.namespace = settings.text("namespace", namespace) ?? plan.namespace
        guard Self.isLabel(plan.namespace) else {
            throw CommandFailure(
                .usage,
                "\"\(plan.namespace)\" is no namespace: small letters, digits and dashes, 63 at most")
        }
        plan.context = settings.text("context", context)
        plan.overlay = try overlay ?? chosenOverlay(settings)
        if let file {
            do {
                plan.configuration = try String(contentsOf: URL(filePath: file), encoding: .utf8)
            } catch {
                throw CommandFailure(.usage, "\(file) cannot be read: \(error.localizedDescription)")
            }
        }
        let check = try LaunchPreflight(file: file, run: nil, at: .pods)
        plan.needs = check.needs
        plan.summary = summary(of: plan, check)
        let script = try plan.script(.find())
        if options.dryRun { return print(script, terminator: "") }
        try LaunchTool.require("kubectl", for: "launch kubernetes")
        let missing = try await LaunchTool.run(plan.secretCheck(), "kubectl get secret")
        if !missing.isEmpty { plan.summary.warnings.append(remedy(missing, plan.namespace)) }
        try options.require(plan.summary)
        // Recorded before anything is applied, because `launch stop` finds pods by their record.
        try store.save(
            LaunchRecord(
                id: id, started: Date(),
                launched: .kubernetes(namespace: plan.namespace, context: plan.context)))
        do {
            for line in try await LaunchTool.run(script, "kubectl apply") { StandardError.write(line) }
        } catch {
            try store.remove(id)
            throw error
        }
        print(try LaunchTool.line(["id": id, "namespace": plan.namespace, "folder": plan.folder]))
    }

    private func summary(of plan: KubernetesLaunch, _ check: LaunchPreflight) -> LaunchSummary {
        var summary = LaunchSummary([
            "1 coordinator and \(plan.workers) workers in the namespace \(plan.namespace)",
            LaunchNeeds.line(plan.needs),
            "run: /data/run on the coordinator's volume, \(check.about)",
            "image: \(plan.image); keys: Secrets \(KubernetesLaunch.secrets.joined(separator: ", "))",
            "kustomization: \(plan.folder)",
        ])
        summary.warnings = check.warnings
        for program in check.configuration.programs {
            summary.warnings.append(
                "workers do not start \(ShellWords.quoted(program)) unless `--allow-verifier` names it; add it to the "
                    + "command in workers.yaml")
        }
        return summary
    }

    private func remedy(_ missing: [String], _ namespace: String) -> String {
        "the namespace \(namespace) has no Secret \(missing.joined(separator: ", ")); make them with "
            + "`kubectl create secret generic`, as Deploy/kubernetes/base/kustomization.yaml says"
    }

    private func chosenOverlay(_ settings: LaunchSettings) throws -> KubernetesLaunch.Overlay? {
        guard let name = settings.text("overlay", nil) else { return nil }
        guard let overlay = KubernetesLaunch.Overlay(rawValue: name) else {
            let known = KubernetesLaunch.Overlay.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(.usage, "overlay \(name) is none of \(known)")
        }
        return overlay
    }

    private static func isLabel(_ name: String) -> Bool {
        let letters = name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
        return letters && (1...63).contains(name.utf8.count) && name.first != "-" && name.last != "-"
    }
}
