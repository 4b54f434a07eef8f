// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/chapters.h"

#include "models/read.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace keelson::ui {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Chapters", text);
}

constexpr qsizetype factsMax = 6;
constexpr qsizetype valueLengthMax = 40;
constexpr std::size_t nodesMax = 3; ///< Told of each pod: those with the most points, and those that were refused.

/// Places in `chapters()`.
enum Place { Asking, Allowing, Completing, Storing, Counting, Placing, Fetching, Starting, Probing, Reaching };

using trace::TracedStep;
using trace::TraceView;

QString textOf(const std::string& text)
{
    return QString::fromStdString(text);
}

/// Reads one trace, chapter by chapter.
class Reader {
public:
    Reader(const TraceView& trace, int pods) : m_trace(trace), m_pods(static_cast<std::size_t>(pods)) {}

    ChapterView read(int place) const
    {
        ChapterView view;
        view.role = roleOf(place);
        std::vector<const TracedStep*> told; // with a fact each
        for (const auto& step : m_trace.steps) {
            if (!isOf(step, place))
                continue;
            const auto fact = factOf(place, step);
            if (fact.isEmpty() || view.facts.contains(fact))
                continue;
            const auto before = std::ranges::find_if(told, [&](const auto* one) { return repeats(step, *one); });
            if (before != told.end()) {
                view.facts.removeAt(before - told.begin());
                told.erase(before);
            }
            view.facts << fact;
            told.push_back(&step);
        }
        if (view.facts.size() > factsMax) // what is newest is what counts
            view.facts = view.facts.mid(view.facts.size() - factsMax);
        const auto service = std::ranges::find(m_trace.objects, "Service", &trace::TracedObject::kind);
        if (place == Reaching && view.role == StatusRole::Done && service != m_trace.objects.end())
            view.facts << tr("Every pod of the cluster reaches it now as http://%1.%2")
                              .arg(textOf(service->name), textOf(service->nameSpace));
        if (view.role == StatusRole::Error || view.role == StatusRole::Waiting)
            view.advice = adviceOf(place);
        return view;
    }

private:
    /// They differ in when they were and how long they took: the newer one stands for both, or what else happened
    /// would not be seen for them.
    static bool repeats(const TracedStep& step, const TracedStep& earlier)
    {
        return step.object == earlier.object && step.step == earlier.step && step.actor == earlier.actor &&
               step.summary == earlier.summary;
    }
    bool isOf(const TracedStep& step, int place) const
    {
        if (step.step == "controller" && m_trace.objects[step.object].kind == "Service") // it finds the ready pods
            return place == Reaching;
        return chapters()[place].lanes.contains(laneOf(step.step));
    }
    bool isRoot(const TracedStep& step) const { return m_trace.objects[step.object].uid == m_trace.root.uid; }
    bool isOfPod(const TracedStep& step) const { return m_trace.objects[step.object].kind == "Pod"; }
    QString nameOf(const TracedStep& step) const { return textOf(m_trace.objects[step.object].text()); }
    QString tookOf(const TracedStep& step) const { return textOf(trace::durationText(step.length)); }

    StatusRole roleOf(int place) const
    {
        switch (place) {
        case Asking:
        case Allowing:
        case Completing:
        case Storing:
            return hasStep(place, [&](const auto& step) { return isRoot(step); }) ? StatusRole::Done
                                                                                  : StatusRole::Ending;
        case Counting:
            return roleOfCounting();
        case Reaching:
            return roleOfReaching();
        default:
            return roleOfPods(place);
        }
    }

    bool hasStep(int place, const auto& fits) const
    {
        return std::ranges::any_of(m_trace.steps, [&](const auto& step) { return isOf(step, place) && fits(step); });
    }

    StatusRole roleOfCounting() const
    {
        const auto pods = std::ranges::count(m_trace.objects, "Pod", &trace::TracedObject::kind);
        if (static_cast<std::size_t>(pods) >= m_pods)
            return StatusRole::Done;
        const TracedStep* last = nullptr;
        for (const auto& step : m_trace.steps)
            if (isOf(step, Counting))
                last = &step;
        if (!last)
            return StatusRole::Ending;
        return last->failed ? StatusRole::Error : StatusRole::Progress;
    }

    StatusRole roleOfReaching() const
    {
        const auto proxy = laneOf("proxy");
        const bool isLed =
            hasStep(Reaching, [&](const auto& step) { return laneOf(step.step) == proxy && !step.failed; });
        if (isLed)
            return roleOfPods(Probing) == StatusRole::Done ? StatusRole::Done : StatusRole::Progress;
        if (hasStep(Reaching, [](const auto& step) { return step.failed; }))
            return StatusRole::Error;
        return hasStep(Reaching, [](const auto&) { return true; }) ? StatusRole::Progress : StatusRole::Ending;
    }

    /// By what each pod's last step there came to. A node's preparations count only when they fail.
    StatusRole roleOfPods(int place) const
    {
        const auto decisive = chapters()[place].lanes.last();
        std::map<std::string, bool> succeeded;
        bool hasBegun = false;
        for (const auto& step : m_trace.steps) {
            if (!isOf(step, place) || !isOfPod(step))
                continue;
            hasBegun = true;
            if (laneOf(step.step) == decisive || step.failed)
                succeeded[m_trace.objects[step.object].uid] = !step.failed;
        }
        const auto done =
            static_cast<std::size_t>(std::ranges::count(succeeded, true, &decltype(succeeded)::value_type::second));
        if (done >= m_pods)
            return StatusRole::Done;
        if (done < succeeded.size())
            return place == Placing ? StatusRole::Waiting : StatusRole::Error;
        return hasBegun ? StatusRole::Progress : StatusRole::Ending;
    }

    QString factOf(int place, const TracedStep& step) const
    {
        switch (place) {
        case Asking:
            return isRoot(step) ? factOfAsking(step) : QString();
        case Allowing:
            return isRoot(step) ? tr("You may, because of this: %1. Looking it up took %2.")
                                      .arg(textOf(step.summary), tookOf(step))
                                : QString();
        case Completing:
            return factOfCompleting(step);
        case Storing:
            return factOfStoring(step);
        case Placing:
            return factOfPlacing(step);
        default:
            return tr("%1: %2 (%3, %4)").arg(nameOf(step), textOf(step.summary), actorText(step), tookOf(step));
        }
    }

    QString factOfAsking(const TracedStep& step) const
    {
        const auto summary = textOf(step.summary);
        const auto by = summary.lastIndexOf(QLatin1String(", by "));
        if (by < 0)
            return summary;
        return tr("The server knows you as %1, from your %2. Finding that out took %3.")
            .arg(summary.left(by), summary.mid(by + 5), tookOf(step));
    }

    QString factOfCompleting(const TracedStep& step) const
    {
        QStringList parts;
        if (const auto* mutations = api::find(step.details, {"mutations"}); mutations && mutations->is_array())
            for (const auto& mutation : mutations->get_array())
                parts << mutationText(mutation);
        if (parts.isEmpty())
            return isRoot(step) ? tr("The Deployment was complete: it was accepted as it is.") : QString();
        const auto whom = isOfPod(step) ? tr("Each pod") : nameOf(step); // all pods of a template are completed alike
        return tr("%1 was completed: %2.").arg(whom, parts.join(QStringLiteral("; ")));
    }

    static QString mutationText(const api::Value& mutation)
    {
        QStringList changes;
        for (const auto& change : listAt(mutation, {"changes"})) {
            auto path = textAt(change, {"path"}).mid(1).replace(QLatin1Char('/'), QLatin1Char('.'));
            const auto* value = api::find(change, {"value"});
            if (!value)
                continue;
            const auto text = QString::fromStdString(api::writeJson(*value));
            changes << (text.size() <= valueLengthMax ? path + QStringLiteral(" = ") + text : path);
        }
        return tr("%1 wrote %2").arg(textAt(mutation, {"step"}), changes.join(QStringLiteral(", ")));
    }

    QString factOfStoring(const TracedStep& step) const
    {
        if (isRoot(step) && step.summary.starts_with("created"))
            return tr("The Deployment was %1 in %2: from here on it is safe on disk, and everybody sees it.")
                .arg(textOf(step.summary), tookOf(step));
        return step.summary.starts_with("created") ? tr("%1 was %2.").arg(nameOf(step), textOf(step.summary))
                                                   : QString();
    }

    QString factOfPlacing(const TracedStep& step) const
    {
        QStringList lines{tr("%1: %2 (%3)").arg(nameOf(step), textOf(step.summary), tookOf(step))};
        QStringList points;
        for (const auto& node : listAt(step.details, {"scored"}))
            if (points.size() < static_cast<qsizetype>(nodesMax))
                points << tr("%1 has %2").arg(textAt(node, {"node"})).arg(api::integerAt(node, {"score"}));
        if (points.size() > 1)
            lines << tr("Points: %1").arg(points.join(QStringLiteral(", ")));
        std::size_t told = 0;
        for (const auto& node : listAt(step.details, {"refused"}))
            if (told++ < nodesMax)
                lines << tr("Not %1: %2").arg(textAt(node, {"node"}), textAt(node, {"why"}));
        return lines.join(QLatin1Char('\n'));
    }

    static QString adviceOf(int place)
    {
        switch (place) {
        case Counting:
            return tr("The controller was refused: the sentence above names the rule, such as a quota. It tries again "
                      "by itself.");
        case Placing:
            return tr("No node can take a pod just now. If there is none, add one (keelsonctl cluster up --nodes 1, or "
                      "start keelson-agent); else free some room on one. The scheduler tries again by itself.");
        case Fetching:
            return tr("A node could not get the pod ready. Most often the image has another name, or the node does not "
                      "reach its registry: choose another image below, and try again.");
        case Starting:
            return tr(
                "The container does not start or does not stay. Its image may lack a shell: choose a busybox, and "
                "try again. The logs of the pod say more.");
        case Reaching:
            return tr("A node could not change its packet rules. Its agent needs the rights of root and nftables; it "
                      "tries again by itself.");
        default:
            return {};
        }
    }

    const TraceView& m_trace;
    const std::size_t m_pods;
};

/// A cluster without traces says nothing of some chapters: they are over when those behind them have begun.
void fillSilent(std::vector<ChapterView>& views)
{
    const auto silent = tr("This cluster keeps no traces: nothing that one could read is left of this step.");
    for (const auto place : {Asking, Allowing, Completing, Reaching}) {
        auto& view = views[place];
        const auto sign = place == Reaching ? Probing : Storing;
        if (view.facts.isEmpty() && views[sign].role == StatusRole::Done)
            view = {.role = StatusRole::Done, .facts = {silent}, .advice = {}};
    }
}

} // namespace

const QVector<Chapter>& chapters()
{
    const auto made = [](const QString& title, std::initializer_list<const char*> steps) {
        Chapter chapter{.title = title, .lanes = {}};
        for (const auto* step : steps)
            chapter.lanes << laneOf(step);
        return chapter;
    };
    static const QVector<Chapter> all{made(tr("Who asks?"), {"authentication"}),
                                      made(tr("May they?"), {"authorization"}),
                                      made(tr("Is it complete?"), {"admission"}),
                                      made(tr("It is written down"), {"store"}),
                                      made(tr("How many pods?"), {"controller"}),
                                      made(tr("On which node?"), {"scheduling"}),
                                      made(tr("The image is fetched"), {"sandbox", "image"}),
                                      made(tr("The container starts"), {"container"}),
                                      made(tr("Is it ready?"), {"probe"}),
                                      made(tr("It is reached"), {"dns", "proxy"})};
    return all;
}

QString meaningOf(const Chapter& chapter)
{
    QStringList meanings;
    for (const auto lane : chapter.lanes)
        meanings << lanes()[lane].meaning;
    return meanings.join(QStringLiteral("\n\n"));
}

std::vector<ChapterView> readChapters(const TraceView& trace, TraceOrigin origin, int pods)
{
    const Reader reader(trace, pods);
    std::vector<ChapterView> views;
    for (int place = 0; place < chapters().size(); ++place)
        views.push_back(reader.read(place));
    if (origin == TraceOrigin::Derived)
        fillSilent(views);
    return views;
}

} // namespace keelson::ui
