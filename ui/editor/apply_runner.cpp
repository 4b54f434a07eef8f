// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/apply_runner.h"

#include "editor/applied_object.h"
#include "editor/journal_writer.h"
#include "models/read.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>
#include <QTimer>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int triesAtOnce = 4;
constexpr int lookIntervalMs = 1'000; ///< Whether what was applied is ready.
constexpr int looksMax = 600;         ///< Then it is left alone.
constexpr int againMs = 250;          ///< A kind that was defined a moment ago may not be served yet.
constexpr int triesMax = 40;

QString collectionPath(const QString& apiVersion, const QString& plural, const QString& nameSpace)
{
    auto path =
        (apiVersion.contains(QLatin1Char('/')) ? QStringLiteral("/apis/") : QStringLiteral("/api/")) + apiVersion;
    if (!nameSpace.isEmpty())
        path += QStringLiteral("/namespaces/") + nameSpace;
    return path + QLatin1Char('/') + plural;
}

/// The cluster has said nothing, so that it is not known whether it has done it.
bool isCutOff(const Error& error)
{
    return error.reason == Reason::ServiceUnavailable || error.reason == Reason::Timeout ||
           error.reason == Reason::ServerTimeout;
}

} // namespace

ApplyRunner::ApplyRunner(Cluster& cluster, QObject* parent)
    : QObject(parent), m_cluster(cluster), m_journal(new JournalWriter(this))
{
}

int ApplyRunner::readyCount() const
{
    return static_cast<int>(
        std::ranges::count_if(m_entries, [](const ApplyEntry& entry) { return entry.isIncluded && entry.isReady(); }));
}

void ApplyRunner::setPhase(Phase phase)
{
    m_phase = phase;
    emit phaseChanged();
}

void ApplyRunner::setState(std::size_t entry, ApplyEntry::State state)
{
    m_entries[entry].state = state;
    emit entryChanged(static_cast<int>(entry));
}

void ApplyRunner::clear()
{
    ++m_round;
    m_entries.clear();
    m_defined.clear();
    m_recorded.clear();
    m_isPlain = false;
    m_isResumed = false;
    m_next = 0;
    m_underWay = 0;
    m_cutOffEntry = -1;
}

void ApplyRunner::prepare(const std::vector<ApplyObject>& objects, const document::Kinds& kinds,
                          const std::string& nameSpace)
{
    clear();
    for (const auto& object : objects)
        addDefinition(object.value);
    for (const auto& object : objects)
        add(object.value, object.source, kinds, nameSpace);
    sortEntries();
    setPhase(Phase::Trying);
    tryNext();
}

void ApplyRunner::sortEntries()
{
    std::vector<std::string> names;
    for (const auto& entry : m_entries)
        names.push_back(entry.object.kind);
    std::vector<ApplyEntry> sorted;
    for (const auto i : manifests::applyOrder(names))
        sorted.push_back(std::move(m_entries[i]));
    m_entries = std::move(sorted);
}

void ApplyRunner::addDefinition(const api::Value& definition)
{
    if (api::stringAt(definition, {"kind"}) != "CustomResourceDefinition")
        return;
    const auto plural = textAt(definition, {"spec", "names", "plural"});
    const bool isNamespaced = api::stringAt(definition, {"spec", "scope"}) != "Cluster";
    for (const auto& version : listAt(definition, {"spec", "versions"}))
        m_defined[{std::string(api::stringAt(definition, {"spec", "group"})) + "/" +
                       std::string(api::stringAt(version, {"name"})),
                   std::string(api::stringAt(definition, {"spec", "names", "kind"}))}] = {plural, isNamespaced};
}

void ApplyRunner::add(const api::Value& object, const ApplySource& source, const document::Kinds& kinds,
                      const std::string& nameSpace)
{
    const auto kindName = api::stringAt(object, {"kind"});
    if (kindName.ends_with("List") && api::find(object, {"items"})) {
        for (const auto& item : listAt(object, {"items"}))
            add(item, source, kinds, nameSpace);
        return;
    }
    ApplyEntry entry;
    entry.manifest = object;
    entry.source = source;
    if (auto* metadata = api::find(entry.manifest, {"metadata"}); metadata && metadata->is_object())
        metadata->get_object().stable_erase("managedFields"); // what was read from a cluster brings them along
    entry.object.kind = kindName;
    entry.object.name = api::stringAt(object, {"metadata", "name"});
    const auto apiVersion = api::stringAt(object, {"apiVersion"});
    const auto* kind = kinds.find(apiVersion, kindName);
    const auto defined = m_defined.find({std::string(apiVersion), std::string(kindName)});
    const auto plural = kind ? toText(kind->plural) : defined != m_defined.end() ? defined->second.first : QString();
    const bool isNamespaced = kind ? kind->namespaced : defined != m_defined.end() && defined->second.second;
    if (isNamespaced) {
        const auto own = api::stringAt(object, {"metadata", "namespace"});
        entry.object.nameSpace = own.empty() ? nameSpace : std::string(own);
    }
    if (!plural.isEmpty())
        entry.collection = collectionPath(toText(apiVersion), plural, QString::fromStdString(entry.object.nameSpace));
    m_entries.push_back(std::move(entry));
}

void ApplyRunner::tryNext()
{
    while (m_underWay < triesAtOnce && m_next < m_entries.size())
        tryEntry(m_next++);
    if (m_underWay == 0 && m_next >= m_entries.size())
        setPhase(Phase::Tried);
}

void ApplyRunner::endTry()
{
    --m_underWay;
    tryNext();
}

void ApplyRunner::tryEntry(std::size_t index)
{
    auto& entry = m_entries[index];
    ++m_underWay;
    if (entry.collection.isEmpty() || entry.object.name.empty()) {
        entry.error = entry.object.name.empty()
                          ? makeError(Reason::Invalid, "the object has no name; applying needs metadata.name")
                          : makeError(Reason::NotFound, "the cluster has no kind " + entry.object.kind + " of " +
                                                            std::string(api::stringAt(entry.manifest, {"apiVersion"})));
        setState(index, ApplyEntry::State::Refused);
        endTry();
        return;
    }
    setState(index, ApplyEntry::State::Trying);
    kube::Request request;
    request.path = entry.path();
    m_cluster.client().send(request, this, [this, index, round = m_round](const Result<kube::Response>& answer) {
        if (round != m_round)
            return;
        auto& read = m_entries[index];
        if (!answer && answer.error().reason != Reason::NotFound) {
            read.error = answer.error();
            setState(index, ApplyEntry::State::Refused);
            endTry();
            return;
        }
        read.live = answer && answer->document ? *answer->document : api::Value(nullptr);
        read.wasNew = read.live.is_null();
        dryRun(index);
    });
}

kube::Request ApplyRunner::request(const ApplyEntry& entry, bool isDry) const
{
    kube::Request request;
    auto body = entry.manifest;
    bool isForced = false;
    for (const auto& [field, isTaken] : entry.takeOver) {
        isForced = isForced || isTaken;
        if (!isTaken)
            manifests::withoutField(body, field);
    }
    request.body = QByteArray::fromStdString(api::writeJson(body));
    if (!m_isPlain) {
        request.method = "PATCH";
        request.contentType = "application/apply-patch+yaml";
        request.path = entry.path();
        if (isForced)
            request.query.addQueryItem(QStringLiteral("force"), QStringLiteral("true"));
    } else if (entry.live.is_null()) {
        request.method = "POST";
        request.path = entry.collection;
    } else {
        request.method = "PATCH";
        request.contentType = "application/merge-patch+json";
        request.path = entry.path();
    }
    request.query.addQueryItem(QStringLiteral("fieldManager"), toText(applyManager));
    request.query.addQueryItem(QStringLiteral("fieldValidation"), QStringLiteral("Strict"));
    if (isDry)
        request.query.addQueryItem(QStringLiteral("dryRun"), QStringLiteral("All"));
    return request;
}

void ApplyRunner::send(std::size_t index, bool isDry, const kube::ApiClient::Answer& answer)
{
    const bool wasPlain = m_isPlain;
    m_cluster.client().send(request(m_entries[index], isDry), this,
                            [=, this, round = m_round](const Result<kube::Response>& said) {
                                if (round != m_round)
                                    return;
                                if (!said && said.error().reason == Reason::UnsupportedMediaType && !wasPlain) {
                                    m_isPlain = true;
                                    send(index, isDry, answer);
                                    return;
                                }
                                answer(said);
                            });
}

void ApplyRunner::dryRun(std::size_t index)
{
    send(index, true, [this, index](const Result<kube::Response>& answer) {
        if (answer && answer->document) {
            m_entries[index].after = *answer->document;
            differ(index);
            return;
        }
        refused(index, answer ? makeError(Reason::InternalError, "the server sent no object") : answer.error());
    });
}

void ApplyRunner::differ(std::size_t index)
{
    const auto& entry = m_entries[index];
    QThreadPool::globalInstance()->start([self = QPointer<ApplyRunner>(this), index, round = m_round, live = entry.live,
                                          after = entry.after, manifest = entry.manifest] {
        auto diff = manifests::diffObjects(live, after, manifest);
        QMetaObject::invokeMethod(qApp, [self, index, round, diff = std::move(diff)]() mutable {
            if (!self || self->m_round != round)
                return;
            const auto count = manifests::countOf(diff);
            auto& tried = self->m_entries[index];
            tried.diff = std::move(diff);
            tried.note.clear();
            const bool isOpen = !tried.conflicts.empty() && !tried.isDecided();
            self->setState(index, isOpen                                   ? ApplyEntry::State::Conflict
                                  : tried.wasNew                           ? ApplyEntry::State::New
                                  : count.added == 0 && count.removed == 0 ? ApplyEntry::State::Same
                                                                           : ApplyEntry::State::Changed);
            self->endTry();
        });
    });
}

bool ApplyRunner::waitsForOthers(const ApplyEntry& entry) const
{
    const auto isMadeFirst = [&](const ApplyEntry& other) {
        const bool isItsNamespace = other.object.kind == "Namespace" && other.object.name == entry.object.nameSpace;
        return other.wasNew && isItsNamespace;
    };
    return m_defined.contains({std::string(api::stringAt(entry.manifest, {"apiVersion"})), entry.object.kind}) ||
           std::ranges::any_of(m_entries, isMadeFirst);
}

void ApplyRunner::preview(std::size_t index)
{
    auto forced = request(m_entries[index], true);
    forced.query.removeQueryItem(QStringLiteral("force"));
    forced.query.addQueryItem(QStringLiteral("force"), QStringLiteral("true"));
    m_entries[index].refusal.reset();
    m_cluster.client().send(forced, this, [this, index, round = m_round](const Result<kube::Response>& answer) {
        if (round != m_round)
            return;
        if (answer && answer->document) {
            m_entries[index].after = *answer->document;
            differ(index);
            return;
        }
        if (!answer)
            m_entries[index].refusal = answer.error();
        m_entries[index].diff.clear();
        setState(index, ApplyEntry::State::Conflict);
        endTry();
    });
}

void ApplyRunner::refused(std::size_t index, const Error& error)
{
    auto& entry = m_entries[index];
    entry.error = error;
    entry.note.clear();
    if (error.reason == Reason::NotFound && waitsForOthers(entry)) {
        entry.note = tr("Cannot be tried before what it needs is there; it is applied after that.");
        entry.diff = manifests::diffObjects(nullptr, entry.manifest, entry.manifest);
        setState(index, ApplyEntry::State::New);
        endTry();
        return;
    }
    const bool wasDecided = !entry.takeOver.empty();
    entry.conflicts = manifests::conflictsOf(error);
    entry.takeOver.clear();
    // What we wrote ourselves in another way (the YAML of an object, an undo) is ours to take over.
    for (const auto& conflict : entry.conflicts)
        if (conflict.manager == applyManager)
            entry.takeOver[conflict.field] = true;
    if (!entry.conflicts.empty() && entry.isDecided() && !wasDecided) {
        dryRun(index);
        return;
    }
    if (!entry.conflicts.empty()) {
        preview(index);
        return;
    }
    setState(index, ApplyEntry::State::Refused);
    endTry();
}

void ApplyRunner::setIncluded(int index, bool isIncluded)
{
    auto& entry = m_entries[static_cast<std::size_t>(index)];
    if (entry.isIncluded == isIncluded)
        return;
    entry.isIncluded = isIncluded;
    emit entryChanged(index);
}

void ApplyRunner::decide(int index, const std::string& field, bool takeOver)
{
    auto& entry = m_entries[static_cast<std::size_t>(index)];
    entry.takeOver[field] = takeOver;
    if (entry.state != ApplyEntry::State::Conflict || !entry.isDecided())
        return;
    ++m_underWay;
    setPhase(Phase::Trying);
    setState(static_cast<std::size_t>(index), ApplyEntry::State::Trying);
    dryRun(static_cast<std::size_t>(index));
}

void ApplyRunner::apply()
{
    if (m_phase != Phase::Tried && m_phase != Phase::CutOff)
        return;
    const bool goesOn = m_phase == Phase::CutOff;
    setPhase(Phase::Applying);
    if (goesOn)
        applyNext(0);
    else
        m_journal->begin(record(), [this, round = m_round] {
            if (round == m_round)
                applyNext(0);
        });
}

void ApplyRunner::applyNext(std::size_t index)
{
    while (index < m_entries.size() && !(m_entries[index].isIncluded && m_entries[index].isReady()))
        ++index;
    if (index >= m_entries.size()) {
        m_journal->end();
        setPhase(Phase::Applied);
        settle(0);
        return;
    }
    ++m_entries[index].tries;
    setState(index, ApplyEntry::State::Applying);
    send(index, false, [this, index](const Result<kube::Response>& answer) { applied(index, answer); });
}

void ApplyRunner::applied(std::size_t index, const Result<kube::Response>& answer)
{
    auto& entry = m_entries[index];
    if (answer && answer->document) {
        entry.after = *answer->document;
        note(index, manifests::ApplyRecord::State::Applied);
        setState(index, ApplyEntry::State::Applied);
        applyNext(index + 1);
        return;
    }
    const auto error = answer ? makeError(Reason::InternalError, "the server sent no object") : answer.error();
    if (isCutOff(error)) {
        cutOff(index, error);
        return;
    }
    if (error.reason == Reason::NotFound && waitsForOthers(entry) && entry.tries < triesMax) {
        entry.state = entry.wasNew ? ApplyEntry::State::New : ApplyEntry::State::Changed;
        QTimer::singleShot(againMs, this, [this, index, round = m_round] {
            if (round == m_round)
                applyNext(index);
        });
        return;
    }
    entry.error = error;
    setState(index, ApplyEntry::State::Failed);
    applyNext(index + 1);
}

void ApplyRunner::cutOff(std::size_t index, const Error& error)
{
    m_cutOffEntry = static_cast<int>(index);
    m_entries[index].error = error;
    setState(index, m_entries[index].wasNew ? ApplyEntry::State::New : ApplyEntry::State::Changed);
    setPhase(Phase::CutOff);
}

void ApplyRunner::settle(int looks)
{
    if (m_phase != Phase::Applied)
        return;
    bool isOver = true;
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        auto& entry = m_entries[i];
        if (entry.state != ApplyEntry::State::Applied)
            continue;
        if (looks == 0) {
            entry.settling = settlingStatus(entry.after);
            emit entryChanged(static_cast<int>(i));
        } else if (entry.isSettling()) {
            look(i);
        }
        isOver = isOver && !entry.isSettling();
    }
    if (isOver || looks >= looksMax)
        return;
    QTimer::singleShot(lookIntervalMs, this, [this, looks, round = m_round] {
        if (round == m_round)
            settle(looks + 1);
    });
}

void ApplyRunner::look(std::size_t index)
{
    kube::Request request;
    request.path = m_entries[index].path();
    m_cluster.client().send(request, this, [this, index, round = m_round](const Result<kube::Response>& answer) {
        if (round != m_round || m_phase != Phase::Applied || !answer || !answer->document)
            return;
        const auto now = settlingStatus(*answer->document);
        if (std::exchange(m_entries[index].settling, now) != now)
            emit entryChanged(static_cast<int>(index));
    });
}

void ApplyRunner::undo()
{
    if (m_phase != Phase::Applied && m_phase != Phase::CutOff)
        return;
    setPhase(Phase::Undoing);
    undoNext(m_entries.size());
}

void ApplyRunner::undoNext(std::size_t count)
{
    while (count > 0 && m_entries[count - 1].state != ApplyEntry::State::Applied)
        --count;
    if (count == 0) {
        m_journal->end();
        setPhase(Phase::Undone);
        return;
    }
    const auto index = count - 1;
    const auto& entry = m_entries[index];
    setState(index, ApplyEntry::State::Applying);
    const AppliedObject object{entry.path(), entry.wasNew ? api::Value(nullptr) : entry.live, entry.after};
    takeBack(m_cluster.client(), object, this, [this, index, round = m_round](const Result<Done>& done) {
        if (round != m_round)
            return;
        if (!done && isCutOff(done.error())) { // nothing is lost: it can be undone later
            m_cutOffEntry = static_cast<int>(index);
            m_entries[index].error = done.error();
            setState(index, ApplyEntry::State::Applied);
            setPhase(Phase::CutOff);
            return;
        }
        if (done)
            note(index, manifests::ApplyRecord::State::Undone);
        else
            m_entries[index].error = done.error();
        setState(index, done ? ApplyEntry::State::Undone : ApplyEntry::State::NotUndone);
        undoNext(index);
    });
}

} // namespace keelson::ui
