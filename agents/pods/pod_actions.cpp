// SPDX-License-Identifier: Apache-2.0
#include "pods/pod_actions.h"

#include "pods/pod_security.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace keelson::pods {
namespace {

constexpr std::chrono::minutes hookTimeout{10};

StepOutcome failed(Error error, std::string waitingReason, PodEvent event)
{
    StepOutcome outcome;
    outcome.error = std::move(error);
    outcome.waitingReason = std::move(waitingReason);
    outcome.events.push_back(std::move(event));
    return outcome;
}

/// The file that a container writes its last words to.
Result<std::string> makeMessageFile(const StepContext& context, const std::string& container, int attempt)
{
    namespace fs = std::filesystem;
    if (context.settings->podsDirectory.empty())
        return std::string();
    const auto folder = context.settings->podsDirectory / context.pod->metadata.uid / "containers" / container;
    std::error_code error;
    fs::create_directories(folder, error);
    const auto path = folder / std::to_string(attempt);
    if (!error)
        std::ofstream(path, std::ios::app).flush();
    fs::permissions(path, fs::perms(0666), error);
    if (error)
        return fail(Reason::InternalError, fmt::format("{}: {}", path.string(), error.message()));
    return path.string();
}

/// Folders that a subPath names are made where they are missing; a link must not lead out of its volume.
Result<Done> ensureSources(const containers::ContainerSpec& spec, const VolumePaths& volumes)
{
    namespace fs = std::filesystem;
    for (const auto& mount : spec.mounts) {
        for (const auto& [name, root] : volumes) {
            if (!mount.source.starts_with(root + "/"))
                continue;
            std::error_code error;
            if (!fs::exists(mount.source, error))
                fs::create_directories(mount.source, error);
            const auto real = fs::canonical(mount.source, error).string();
            const auto realRoot = fs::canonical(root, error).string();
            if (error)
                return fail(Reason::InternalError, fmt::format("subPath {}: {}", mount.source, error.message()));
            if (!real.starts_with(realRoot + "/"))
                return fail(Reason::Invalid, fmt::format("subPath {} leaves volume \"{}\"", mount.source, name));
        }
    }
    return Done{};
}

} // namespace

StepOutcome PodActions::carryOut(const PodStep& step, const StepContext& context)
{
    const auto plain = [](const Result<Done>& result) {
        StepOutcome outcome;
        if (!result)
            outcome.error = result.error();
        return outcome;
    };
    switch (step.kind) {
    case PodStep::Kind::PrepareVolumes:
        return prepareVolumes(context);
    case PodStep::Kind::StartSandbox:
        return startSandbox(step, context);
    case PodStep::Kind::EnsureImage:
        return ensureImage(step, context);
    case PodStep::Kind::StartContainer:
        return startContainer(step, context);
    case PodStep::Kind::Stop:
        return stop(step, context);
    case PodStep::Kind::Remove:
        return plain(m_runtime.removeContainer(step.id));
    case PodStep::Kind::RemoveVolumes:
        return plain(m_volumes.remove(context.pod->metadata.uid));
    }
    return {};
}

StepOutcome PodActions::prepareVolumes(const StepContext& context)
{
    auto prepared = m_volumes.prepare(*context.pod, context.objects, context.facts);
    if (!prepared)
        return failed(prepared.error(), {},
                      {.warning = true, .reason = "FailedMount", .message = prepared.error().message});
    StepOutcome outcome;
    outcome.volumes = *std::move(prepared);
    return outcome;
}

StepOutcome PodActions::startSandbox(const PodStep& step, const StepContext& context)
{
    StepOutcome outcome;
    if (!step.reason.empty())
        outcome.events.push_back({.reason = "SandboxChanged", .message = step.reason});
    const auto started = m_runtime.startSandbox(sandboxSpec(*context.pod, *context.settings, step.attempt));
    if (started)
        return outcome;
    outcome.error = started.error();
    outcome.events.push_back({.warning = true,
                              .reason = "FailedCreatePodSandBox",
                              .message = fmt::format("Failed to create pod sandbox: {}", started.error().message)});
    return outcome;
}

StepOutcome PodActions::ensureImage(const PodStep& step, const StepContext& context)
{
    const auto container = findContainer(*context.pod, step.container);
    if (!container)
        return {};
    const auto& image = container->image;
    const auto present = m_runtime.imageId(image);
    if (!present && present.error().reason == Reason::BadRequest)
        return failed(present.error(), "InvalidImageName",
                      {.warning = true,
                       .reason = "InspectFailed",
                       .message = present.error().message,
                       .container = step.container});
    if (!present && present.error().reason != Reason::NotFound)
        return failed(present.error(), "ImageInspectError",
                      {.warning = true,
                       .reason = "InspectFailed",
                       .message = present.error().message,
                       .container = step.container});
    StepOutcome outcome;
    if (present && container->imagePullPolicy != "Always") {
        outcome.events.push_back({.reason = "Pulled",
                                  .message = fmt::format("Container image \"{}\" already present on machine", image),
                                  .container = step.container});
        return outcome;
    }
    if (container->imagePullPolicy == "Never") {
        const auto message = fmt::format("Container image \"{}\" is not present with pull policy of Never", image);
        return failed(
            makeError(Reason::NotFound, message), "ErrImageNeverPull",
            {.warning = true, .reason = "ErrImageNeverPull", .message = message, .container = step.container});
    }
    outcome.events.push_back(
        {.reason = "Pulling", .message = fmt::format("Pulling image \"{}\"", image), .container = step.container});
    const auto begun = m_clock.steady();
    const auto pulled = m_runtime.pullImage(image, credentialsFor(*context.pod, image, context.objects));
    if (!pulled) {
        outcome.error = pulled.error();
        outcome.waitingReason = "ErrImagePull";
        outcome.events.push_back(
            {.warning = true,
             .reason = "Failed",
             .message = fmt::format("Failed to pull image \"{}\": {}", image, pulled.error().message),
             .container = step.container});
        return outcome;
    }
    const auto took = std::chrono::duration_cast<Milliseconds>(m_clock.steady() - begun);
    outcome.events.push_back({.reason = "Pulled",
                              .message = fmt::format("Successfully pulled image \"{}\" in {:.3f}s", image,
                                                     static_cast<double>(took.count()) / 1000),
                              .container = step.container});
    return outcome;
}

/// What the image and the node's disk have to say to the container's security.
Result<Done> PodActions::secure(containers::ContainerSpec& spec, const api::Container& container,
                                const StepContext& context)
{
    if (asksForImageUser(*context.pod, container, spec)) {
        TRY_ASSIGN(const auto user, m_runtime.imageUser(spec.image));
        TRY_OK(takeImageUser(spec, *context.pod, container, user));
    }
    if (context.settings->podsDirectory.empty())
        return Done{}; // A simulated node has no disk, and nothing runs.
    return addProfiles(spec, *context.pod, container, context.settings->podsDirectory.parent_path() / "seccomp");
}

StepOutcome PodActions::startContainer(const PodStep& step, const StepContext& context)
{
    const auto container = findContainer(*context.pod, step.container);
    if (!container)
        return {};
    const auto refused = [&](const Error& error, const char* reason) {
        return failed(error, reason,
                      {.warning = true,
                       .reason = "Failed",
                       .message = fmt::format("Error: {}", error.message),
                       .container = step.container});
    };
    if (const auto target = targetOf(*context.pod, step.container); !target.empty() && step.target.empty())
        return refused(makeError(Reason::NotFound, fmt::format("unable to find target container \"{}\"", target)),
                       "CreateContainerConfigError");
    const auto messageFile = makeMessageFile(context, step.container, step.attempt);
    if (!messageFile)
        return refused(messageFile.error(), "CreateContainerError");
    auto spec = containerSpec(*context.pod, *container, context.objects, context.facts, context.volumes,
                              {.attempt = step.attempt,
                               .nextBackoff = step.nextBackoff,
                               .terminationMessageFile = *messageFile,
                               .processesOf = step.target});
    if (!spec)
        return refused(spec.error(), "CreateContainerConfigError");
    if (const auto secured = secure(*spec, *container, context); !secured)
        return refused(secured.error(), "CreateContainerConfigError");
    if (const auto sources = ensureSources(*spec, context.volumes); !sources)
        return refused(sources.error(), "CreateContainerConfigError");
    const auto id = m_runtime.createContainer(step.id, *spec);
    if (!id)
        return refused(id.error(), "CreateContainerError");
    StepOutcome outcome;
    outcome.events.push_back({.reason = "Created",
                              .message = fmt::format("Created container: {}", step.container),
                              .container = step.container});
    if (const auto started = m_runtime.startContainer(*id); !started) {
        outcome.error = started.error();
        outcome.waitingReason = "RunContainerError";
        outcome.events.push_back({.warning = true,
                                  .reason = "Failed",
                                  .message = fmt::format("Error: {}", started.error().message),
                                  .container = step.container});
        return outcome;
    }
    outcome.events.push_back({.reason = "Started",
                              .message = fmt::format("Started container {}", step.container),
                              .container = step.container});
    runPostStart(*container, *id, context, outcome);
    return outcome;
}

void PodActions::runPostStart(const api::Container& container, const std::string& id, const StepContext& context,
                              StepOutcome& outcome)
{
    if (!container.lifecycle || !container.lifecycle->postStart)
        return;
    const ProbeTarget target{.containerId = id, .ip = context.facts.podIp, .timeout = hookTimeout};
    const auto result = ask(m_prober, target, container, *container.lifecycle->postStart);
    if (result.ok)
        return;
    outcome.events.push_back({.warning = true,
                              .reason = "FailedPostStartHook",
                              .message = fmt::format("PostStartHook failed: {}", result.message),
                              .container = container.name});
    const std::chrono::seconds grace{context.pod->spec.terminationGracePeriodSeconds.value_or(30)};
    if (const auto stopped = m_runtime.stopContainer(id, grace); !stopped)
        outcome.error = stopped.error();
}

StepOutcome PodActions::stop(const PodStep& step, const StepContext& context)
{
    StepOutcome outcome;
    const auto message = step.reason.empty() ? fmt::format("Stopping container {}", step.container) : step.reason;
    outcome.events.push_back({.reason = "Killing", .message = message, .container = step.container});
    auto grace = step.grace;
    const auto container = findContainer(*context.pod, step.container);
    if (container && container->lifecycle && container->lifecycle->preStop && grace.count() > 0) {
        const auto begun = m_clock.steady();
        const ProbeTarget target{.containerId = step.id, .ip = context.facts.podIp, .timeout = grace};
        const auto result = ask(m_prober, target, *container, *container->lifecycle->preStop);
        if (!result.ok)
            outcome.events.push_back({.warning = true,
                                      .reason = "FailedPreStopHook",
                                      .message = fmt::format("PreStopHook failed: {}", result.message),
                                      .container = step.container});
        constexpr std::chrono::seconds graceMin{2};
        const auto left = grace - std::chrono::floor<std::chrono::seconds>(m_clock.steady() - begun);
        grace = std::max(graceMin, left);
    }
    if (const auto stopped = m_runtime.stopContainer(step.id, grace); !stopped)
        outcome.error = stopped.error();
    return outcome;
}

} // namespace keelson::pods
