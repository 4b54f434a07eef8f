// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/object_edit.h"

#include "editor/cluster_knowledge.h"
#include "models/read.h"

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int sendsMax = 5; // against one who changes the object faster than we do

Result<api::Value> read(const QString& text)
{
    return api::parseYaml(text.toStdString());
}

/// A manifest of an object that is gone: without what made it that very object.
api::Value reborn(const api::Value& object)
{
    auto made = manifests::comparable(object);
    if (auto* metadata = api::find(made, {"metadata"}); metadata && metadata->is_object())
        for (const auto* name : {"deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences"})
            metadata->get_object().stable_erase(name);
    return made;
}

} // namespace

ObjectEdit::ObjectEdit(Cluster& cluster, ItemPtr item, QObject* parent)
    : QObject(parent), m_cluster(cluster), m_knowledge(ClusterKnowledge::of(cluster)), m_item(std::move(item))
{
}

std::optional<manifests::Side> ObjectEdit::decisionOf(const manifests::MergeConflict& conflict) const
{
    const auto at = std::ranges::find(m_decisions, conflict, &manifests::Decision::conflict);
    return at == m_decisions.end() ? std::nullopt : std::optional(at->side);
}

bool ObjectEdit::isChange() const
{
    const auto count = manifests::countOf(m_difference);
    return count.added + count.removed > 0;
}

void ObjectEdit::setPhase(Phase phase)
{
    m_phase = phase;
    emit phaseChanged();
}

void ObjectEdit::stop(const QString& what, const Error& error)
{
    setPhase(Phase::Idle);
    if (error.reason == Reason::AlreadyExists)
        m_isGone = false; // somebody was faster: the next try merges
    if (m_item && !m_isGone && error.reason == Reason::NotFound && !m_base.isNull())
        emit gone();
    else
        emit failed(what, error);
}

void ObjectEdit::load()
{
    ++m_round;
    m_isGone = false;
    readLive([this] {
        m_base = toText(manifests::readableYaml(m_live));
        m_hasMoved = false;
        m_decisions.clear();
        setPhase(Phase::Idle);
        emit loaded();
    });
}

void ObjectEdit::readLive(const Then& then)
{
    kube::Request request;
    request.path = m_item->kind->path(m_item->nameSpace, m_item->name);
    m_cluster.client().send(request, this, [this, then, round = m_round](const Result<kube::Response>& answer) {
        if (round != m_round)
            return;
        if (answer && answer->document) {
            m_live = *answer->document;
            then();
            return;
        }
        stop(tr("%1 cannot be read").arg(m_item->name),
             answer ? makeError(Reason::InternalError, "the server sent no object") : answer.error());
    });
}

void ObjectEdit::tryOut(const QString& text, api::Value value)
{
    begin(text, std::move(value), false);
}

void ObjectEdit::compare(const QString& text, api::Value value)
{
    begin(text, std::move(value), true);
}

void ObjectEdit::begin(const QString& text, api::Value value, bool isComparing)
{
    ++m_round;
    m_text = text;
    m_value = std::move(value);
    m_isComparing = isComparing;
    m_sends = 0;
    setPhase(Phase::Trying);
    if (isCreation())
        dryRun();
    else
        readLive([this] { merge(); });
}

void ObjectEdit::mergeAgain()
{
    const auto base = read(m_base);
    // Through YAML and back, as the text went: what is equal there is equal here.
    const auto live = read(toText(manifests::readableYaml(m_live)));
    const auto* kind =
        m_knowledge.kinds().find(m_item->kind->groupVersion.toStdString(), m_item->kind->kind.toStdString());
    m_merge = manifests::mergeOntoLive(base.value_or(api::Value()), m_value, live.value_or(api::Value()),
                                       kind ? kind->schema : nullptr, m_decisions);
    m_hasMoved = base && live && manifests::comparable(*base) != manifests::comparable(*live);
    m_difference = manifests::diffLines(manifests::readableYaml(m_live), manifests::readableYaml(m_merge.object));
}

void ObjectEdit::merge()
{
    mergeAgain();
    if (m_merge.openCount > 0)
        setPhase(Phase::Undecided);
    else if (m_isComparing)
        setPhase(Phase::Compared);
    else
        dryRun();
}

void ObjectEdit::decide(const manifests::MergeConflict& conflict, manifests::Side side)
{
    if (m_phase == Phase::Applying)
        return;
    std::erase_if(m_decisions, [&](const manifests::Decision& made) { return made.conflict.field == conflict.field; });
    m_decisions.push_back({conflict, side});
    tryOut(m_text, m_value);
}

void ObjectEdit::dryRun()
{
    const auto call = request(true);
    if (!call) {
        stop(tr("The text cannot be applied"), call.error());
        return;
    }
    m_cluster.client().send(*call, this, [this, round = m_round](const Result<kube::Response>& answer) {
        if (round != m_round)
            return;
        if (!answer && answer.error().reason == Reason::Conflict && ++m_sends < sendsMax) {
            readLive([this] { merge(); });
            return;
        }
        if (!answer) {
            stop(tr("The server refuses this"), answer.error());
            return;
        }
        const auto before = isCreation() ? std::string() : manifests::readableYaml(m_live);
        const auto after = answer->document ? manifests::readableYaml(*answer->document) : m_text.toStdString();
        m_difference = manifests::diffLines(before, after);
        setPhase(Phase::Proven);
    });
}

void ObjectEdit::apply()
{
    if (m_phase != Phase::Proven)
        return;
    m_sends = 0;
    setPhase(Phase::Applying);
    send();
}

void ObjectEdit::send()
{
    const auto call = request(false);
    if (!call) {
        stop(tr("The text cannot be applied"), call.error());
        return;
    }
    m_cluster.client().send(*call, this, [this](const Result<kube::Response>& answer) {
        if (answer) {
            finish(answer->document ? *answer->document : api::Value());
            return;
        }
        if (answer.error().reason != Reason::Conflict || isCreation() || ++m_sends >= sendsMax) {
            stop(tr("It was not applied"), answer.error());
            return;
        }
        readLive([this, shown = manifests::comparable(m_live)] {
            mergeAgain();
            if (m_merge.openCount == 0 && manifests::comparable(m_live) == shown) {
                send(); // what was shown is still what happens
                return;
            }
            setPhase(Phase::Trying);
            merge();
        });
    });
}

void ObjectEdit::finish(const api::Value& object)
{
    const auto name = m_item ? m_item->name : textAt(object, {"metadata", "name"});
    const auto what = isCreation() ? tr("%1 created").arg(name) : tr("%1 applied").arg(name);
    m_base = m_item && object.is_object() ? toText(manifests::readableYaml(object)) : m_text;
    m_isGone = false;
    m_hasMoved = false;
    m_merge = {};
    m_decisions.clear();
    setPhase(Phase::Idle);
    emit applied(m_text, what);
}

void ObjectEdit::forget()
{
    if (m_phase == Phase::Applying || m_phase == Phase::Idle)
        return;
    ++m_round;
    setPhase(Phase::Idle);
}

void ObjectEdit::recreate()
{
    m_isGone = true;
}

Result<kube::Request> ObjectEdit::creation() const
{
    const auto object = m_isGone ? reborn(m_value) : m_value;
    kube::Request request;
    request.method = "POST";
    request.body = QByteArray::fromStdString(api::writeJson(object));
    if (m_item) {
        request.path = m_item->kind->path(m_item->nameSpace);
        return request;
    }
    const auto version = textAt(object, {"apiVersion"});
    const auto* kind = m_knowledge.kinds().find(version.toStdString(), api::stringAt(object, {"kind"}));
    if (!kind)
        return fail(Reason::BadRequest, "the cluster has no kind " + std::string(api::stringAt(object, {"kind"})) +
                                            " of " + version.toStdString());
    auto space = textAt(object, {"metadata", "namespace"});
    if (space.isEmpty())
        space = m_cluster.client().access().nameSpace;
    request.path = (version.contains(QLatin1Char('/')) ? QStringLiteral("/apis/") : QStringLiteral("/api/")) + version;
    if (kind->namespaced)
        request.path += QStringLiteral("/namespaces/") + (space.isEmpty() ? QStringLiteral("default") : space);
    request.path += QLatin1Char('/') + toText(kind->plural);
    return request;
}

Result<kube::Request> ObjectEdit::request(bool isDry) const
{
    kube::Request request;
    if (isCreation()) {
        TRY_ASSIGN(request, creation());
    } else {
        request.method = "PUT";
        request.path = m_item->kind->path(m_item->nameSpace, m_item->name);
        request.body = QByteArray::fromStdString(api::writeJson(m_merge.object));
    }
    request.query.addQueryItem(QStringLiteral("fieldManager"), QStringLiteral("keelson"));
    request.query.addQueryItem(QStringLiteral("fieldValidation"), QStringLiteral("Strict"));
    if (isDry)
        request.query.addQueryItem(QStringLiteral("dryRun"), QStringLiteral("All"));
    return request;
}

} // namespace keelson::ui
