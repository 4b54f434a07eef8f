// SPDX-License-Identifier: GPL-3.0-or-later
#include "designer/design_model.h"

#include <algorithm>
#include <ranges>
#include <tuple>

namespace keelson::ui {

namespace {

/// Documents larger than this are read on another thread; the canvas waits for them.
constexpr std::size_t readHereBytesMax = 8 * 1024;
constexpr double usualAspect = 1.9;

std::vector<design::Source> sourcesOf(const Manifest& manifest)
{
    std::vector<design::Source> all;
    const auto& text = manifest.text();
    for (std::size_t i = 0; i < text.documents(); ++i) {
        const bool isReadable = text.hasTree(i) || text.textOf(i).size() <= readHereBytesMax;
        all.push_back({manifest.id(), i, text.revisionOf(i), text.textOf(i), isReadable ? text.tree(i) : nullptr});
    }
    return all;
}

} // namespace

DesignModel::DesignModel(ManifestSession& session, QString dataFolder, std::function<document::Kinds()> kinds,
                         QObject* parent)
    : QObject(parent), m_session(session), m_dataFolder(std::move(dataFolder)), m_kinds(std::move(kinds))
{
    m_disk.setMaxThreadCount(1);
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(0); // what happens at once is seen at once
    connect(&m_refresh, &QTimer::timeout, this, &DesignModel::refresh);
    m_writeTimer.setSingleShot(true);
    m_writeTimer.setInterval(400);
    connect(&m_writeTimer, &QTimer::timeout, this, &DesignModel::writePlaces);
    for (auto* manifest : session.manifests())
        follow(manifest);
    connect(&session, &ManifestSession::added, this, &DesignModel::follow);
    connect(&session, &ManifestSession::removed, this, [this](quint64 id) {
        m_order.forget(id);
        m_remembered.erase(id);
        m_moved.remove(id);
        refresh();
    });
    connect(&session, &ManifestSession::saved, this, [this](Manifest* manifest) {
        if (m_moved.contains(manifest->id()))
            keepPlaces(manifest->id());
    });
    refresh();
}

DesignModel::~DesignModel()
{
    if (m_writeTimer.isActive())
        writePlaces();
    m_disk.waitForDone();
}

void DesignModel::follow(Manifest* manifest)
{
    const auto& text = std::as_const(*manifest).text();
    m_order.note(manifest->id(), text.undoSteps(), text.redoSteps());
    connect(manifest, &Manifest::changed, this, &DesignModel::refreshSoon);
    readPlaces(manifest);
    refreshSoon();
}

void DesignModel::noteSteps()
{
    for (const auto* manifest : m_session.manifests())
        m_order.note(manifest->id(), manifest->text().undoSteps(), manifest->text().redoSteps());
}

std::optional<std::size_t> DesignModel::indexOf(design::CardId id) const
{
    const auto found = std::ranges::find(cards(), id, &design::Card::id);
    return found == cards().end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - cards().begin()));
}

bool DesignModel::isEmpty() const
{
    return std::ranges::none_of(cards(), &design::Card::isShown);
}

void DesignModel::setDefaultNameSpace(const std::string& nameSpace)
{
    if (m_nameSpace == nameSpace)
        return;
    m_nameSpace = nameSpace;
    readAgain();
}

void DesignModel::readAgain()
{
    m_list.readAgain();
    refresh();
}

void DesignModel::setOnly(quint64 manifest)
{
    m_only = manifest;
    refresh();
}

void DesignModel::refresh()
{
    m_refresh.stop();
    noteSteps();
    std::vector<design::Source> sources;
    for (const auto* manifest : m_session.manifests())
        if (m_only == 0 || manifest->id() == m_only)
            std::ranges::move(sourcesOf(*manifest), std::back_inserter(sources));
    std::map<design::CardId, std::pair<quint64, std::string>> before;
    for (const auto& card : cards())
        before.emplace(card.id, std::pair(card.manifest, card.object.text()));
    if (!m_list.update(sources, m_kinds(), m_nameSpace))
        return;
    m_relations = design::relationsOf(cards());
    CardSet there;
    for (const auto& card : cards())
        there.insert(card.id);
    for (const auto& [id, name] : before)
        if (!there.contains(id)) {
            design::remember(m_remembered[name.first], m_now, id, name.second);
            m_now.places.erase(id);
        }
    m_now.groups = design::withoutOthers(std::move(m_now.groups), there);
    placeCards();
    emit changed();
}

void DesignModel::placeCards()
{
    if (!m_reading.isEmpty())
        return; // places that are read now would move what is placed now
    for (auto& [manifest, names] : m_remembered)
        design::adopt(m_now, cards(), manifest, names);
    if (m_now.places.empty())
        m_now.places = design::arranged(cards(), m_relations, usualAspect);
    else
        design::placeNew(m_now.places, cards(), m_relations);
}

void DesignModel::setPlaces(design::Places places, bool isStep)
{
    setArrangement({std::move(places), m_now.groups}, isStep);
}

void DesignModel::setGroups(design::Groups groups)
{
    setArrangement({m_now.places, std::move(groups)}, true);
}

void DesignModel::setArrangement(design::Arrangement arrangement, bool isStep)
{
    if (arrangement == m_now)
        return;
    if (isStep) {
        noteSteps();
        m_order.noteArrangement(m_now);
    }
    const auto before = std::exchange(m_now, std::move(arrangement));
    const auto stateOf = [](const design::Arrangement& all, design::CardId card) {
        const auto place = all.places.find(card);
        const auto group = design::groupOf(all.groups, card);
        const bool isGrouped = group != all.groups.end();
        return std::tuple(place == all.places.end() ? design::Place() : place->second,
                          isGrouped ? group->first : std::string(), isGrouped && group->second.isFolded);
    };
    for (const auto& card : cards())
        if (stateOf(before, card.id) != stateOf(m_now, card.id))
            keepPlaces(card.manifest);
    emit placesChanged();
}

std::string DesignModel::groupOf(design::CardId card) const
{
    const auto group = design::groupOf(groups(), card);
    return group == groups().end() ? std::string() : group->first;
}

std::string DesignModel::foldedGroupOf(design::CardId card) const
{
    const auto group = design::groupOf(groups(), card);
    return group == groups().end() || !group->second.isFolded ? std::string() : group->first;
}

std::string DesignModel::group(const CardSet& wanted)
{
    if (wanted.empty())
        return {};
    const auto name = design::freshGroupName(groups(), tr("Group").toStdString());
    setGroups(design::grouped(groups(), wanted, name));
    return name;
}

void DesignModel::ungroup(const CardSet& wanted)
{
    auto left = groups();
    std::erase_if(left, [&wanted](const auto& group) {
        return std::ranges::any_of(group.second.cards, [&](auto card) { return wanted.contains(card); });
    });
    setGroups(std::move(left));
}

void DesignModel::renameGroup(const std::string& from, const std::string& to)
{
    setGroups(design::renamed(groups(), from, to));
}

void DesignModel::fold(const std::string& name, bool isFolded)
{
    auto now = groups();
    if (const auto known = now.find(name); known != now.end())
        known->second.isFolded = isFolded;
    setGroups(std::move(now));
}

const design::Card* DesignModel::cardAt(quint64 id, std::size_t document, std::size_t offset) const
{
    const auto* manifest = m_session.find(id);
    if (!manifest || document >= manifest->text().documents())
        return nullptr;
    const auto& text = manifest->text();
    const auto* card = design::cardAt(cards(), id, document, document::Tree(), 0);
    if (card && !card->isInList())
        return card;
    return design::cardAt(cards(), id, document, *text.tree(document), offset);
}

Manifest* DesignModel::target()
{
    auto* known = m_session.find(m_only != 0 ? m_only : m_target);
    if (!known && !m_session.manifests().isEmpty())
        known = m_session.manifests().first();
    return known ? known : m_session.create();
}

CardSet DesignModel::addTexts(Manifest& manifest, const std::vector<std::string>& texts, design::Place at,
                              const QString& label)
{
    CardSet before;
    for (const auto& card : cards())
        before.insert(card.id);
    auto& text = manifest.text();
    text.beginStep(label.toStdString());
    for (const auto& one : texts)
        text.appendDocument(one, label.toStdString());
    text.endStep();
    refresh();
    CardSet made;
    design::Places places = m_now.places;
    for (const auto& card : cards())
        if (card.isShown() && !before.contains(card.id)) {
            made.insert(card.id);
            places.erase(card.id);
        }
    if (made.size() == 1) {
        places[*made.begin()] = design::freePlace(places, at);
    } else {
        // Several keep the shape in which they would be arranged by themselves.
        std::vector<design::Card> own;
        for (const auto& card : cards())
            if (made.contains(card.id))
                own.push_back(card);
        const auto shape = design::arranged(own, design::relationsOf(own), usualAspect);
        const auto below = design::blockPlace(places, shape, at);
        for (const auto& [id, place] : shape)
            places[id] = {below.x + place.x, below.y + place.y};
    }
    setPlaces(std::move(places), false);
    return made;
}

CardSet DesignModel::add(const design::PaletteEntry& entry, design::Place at)
{
    std::string nameSpace = m_nameSpace;
    // What stands in one namespace only gets its new members there.
    std::set<std::string> spaces;
    for (const auto& card : cards())
        if (card.isShown() && card.namespaced)
            spaces.insert(card.object.nameSpace);
    if (spaces.size() == 1)
        nameSpace = *spaces.begin();
    return addObjects(
        {design::starterIn(entry, cards(), nameSpace, m_nameSpace)}, at,
        tr("Add %1").arg(QString::fromUtf8(entry.kind.data(), static_cast<qsizetype>(entry.kind.size()))));
}

CardSet DesignModel::addObjects(const std::vector<api::Value>& objects, design::Place at, const QString& label)
{
    auto* manifest = target();
    std::vector<std::string> texts;
    for (const auto& object : objects)
        texts.push_back(design::writtenLike(manifest->text(), object));
    return addTexts(*manifest, texts, at, label);
}

Result<CardSet> DesignModel::addStream(const std::string& stream, design::Place at, const QString& label)
{
    const document::ManifestText whole(stream);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < whole.documents(); ++i) {
        if (const auto& error = whole.tree(i)->error())
            return fail(Reason::BadRequest,
                        "line " + std::to_string(whole.lineOf(i) + error->line + 1) + ": " + error->message);
        texts.emplace_back(whole.textOf(i));
    }
    return addTexts(*target(), texts, at, label);
}

Result<CardSet> DesignModel::paste(const std::string& text, design::Place at, const QString& label)
{
    TRY_ASSIGN(auto texts, design::freshCopies(cards(), text, m_kinds(), m_nameSpace));
    return addTexts(*target(), texts, at, label);
}

std::string DesignModel::copy(const CardSet& wanted) const
{
    std::string text;
    for (const auto& card : cards()) {
        const auto* manifest = wanted.contains(card.id) ? m_session.find(card.manifest) : nullptr;
        if (!manifest)
            continue;
        std::string one = design::textOf(card, manifest->text());
        if (!text.empty() && !one.starts_with("---"))
            text += "---\n";
        text += one;
        if (!text.ends_with('\n'))
            text += '\n';
    }
    return text;
}

Result<CardSet> DesignModel::duplicate(const CardSet& wanted)
{
    design::Place at;
    for (const auto id : wanted)
        if (const auto known = places().find(id); known != places().end())
            at = {known->second.x + 2 * design::raster, known->second.y + 2 * design::raster};
    return paste(copy(wanted), at, tr("Duplicate"));
}

Result<Done> DesignModel::remove(const CardSet& wanted)
{
    noteSteps();
    m_order.beginGroup();
    const auto label = tr("Delete %n cards", nullptr, static_cast<int>(wanted.size())).toStdString();
    Result<Done> done = Done{};
    for (auto* manifest : m_session.manifests())
        if (auto removed = removeFrom(*manifest, wanted, label); !removed)
            done = std::move(removed);
    noteSteps();
    m_order.endGroup();
    refresh();
    return done;
}

/// Whole documents go, and items out of Lists that keep others; the last ones first, so that places stay right.
Result<Done> DesignModel::removeFrom(Manifest& manifest, const CardSet& wanted, const std::string& label)
{
    struct Sheet {
        std::vector<document::Edit> items;
        bool isWhole = true;
    };
    std::map<std::size_t, Sheet, std::greater<>> sheets;
    for (const auto& card : cards() | std::views::reverse) {
        if (card.manifest != manifest.id())
            continue;
        auto& sheet = sheets[card.document];
        if (!wanted.contains(card.id))
            sheet.isWhole = false;
        else if (card.isInList())
            sheet.items.emplace_back(document::RemoveItem{card.base});
    }
    std::erase_if(sheets, [](const auto& sheet) { return !sheet.second.isWhole && sheet.second.items.empty(); });
    if (sheets.empty())
        return Done{};
    Result<Done> done = Done{};
    auto& text = manifest.text();
    text.beginStep(label);
    for (const auto& [document, sheet] : sheets) {
        if (sheet.isWhole)
            text.removeDocument(document, label);
        else if (auto removed = text.edit(document, sheet.items, label); !removed)
            done = std::move(removed);
    }
    text.endStep();
    return done;
}

void DesignModel::move(const design::Places& places)
{
    auto now = m_now.places;
    for (const auto& [id, place] : places)
        if (now.contains(id))
            now[id] = design::snapped(place);
    setPlaces(std::move(now), true);
}

void DesignModel::align(const CardSet& wanted, design::Alignment alignment)
{
    design::Places some;
    for (const auto id : wanted)
        if (const auto known = places().find(id); known != places().end())
            some.insert(*known);
    setPlaces(design::aligned(places(), some, alignment), true);
}

void DesignModel::arrange(double aspect)
{
    design::Regions regions;
    for (const auto& [name, group] : groups())
        for (const auto card : group.cards)
            regions.emplace(card, name);
    setPlaces(design::arranged(cards(), m_relations, aspect, regions), true);
}

Result<Done> DesignModel::connectCards(const design::Offer& offer)
{
    noteSteps();
    m_order.beginGroup();
    Result<Done> done = Done{};
    for (const auto& [index, edits] : offer.edits) {
        const auto card = cards()[index];
        auto* manifest = m_session.find(card.manifest);
        done = manifest ? manifest->text().edit(card.document, design::inDocument(card, edits), offer.label)
                        : fail(Reason::NotFound, "the manifest was closed meanwhile");
        if (!done)
            break;
    }
    noteSteps();
    m_order.endGroup();
    refresh();
    return done;
}

Result<Done> DesignModel::disconnectCards(const design::Relation& relation)
{
    const auto card = cards()[relation.from];
    if (!card.isEditable())
        return fail(Reason::Invalid, "the text of " + card.object.text() + " has an error: mend it first");
    TRY_ASSIGN(const auto edits, design::withoutRelation(card, relation));
    return edit(card.id, edits, tr("Disconnect"));
}

Result<Done> DesignModel::edit(design::CardId id, const std::vector<document::Edit>& edits, const QString& label)
{
    const auto* card = find(id);
    auto* manifest = card ? m_session.find(card->manifest) : nullptr;
    if (!manifest)
        return fail(Reason::NotFound, "the document is not there any more");
    if (!card->isEditable())
        return fail(Reason::Invalid, "the text has an error: " + card->problem);
    const auto done = manifest->text().edit(card->document, design::inDocument(*card, edits), label.toStdString());
    refresh();
    return done;
}

void DesignModel::undo()
{
    noteSteps();
    if (const auto step = m_order.undo(m_now))
        replay(*step, true);
}

void DesignModel::redo()
{
    noteSteps();
    if (const auto step = m_order.redo(m_now))
        replay(*step, false);
}

void DesignModel::replay(const design::DesignStep& step, bool isUndo)
{
    if (step.arrangement) {
        auto wanted = m_now;
        CardSet there;
        for (auto& [id, place] : wanted.places) {
            there.insert(id);
            if (const auto known = step.arrangement->places.find(id); known != step.arrangement->places.end())
                place = known->second;
        }
        wanted.groups = design::withoutOthers(step.arrangement->groups, there);
        setArrangement(std::move(wanted), false);
        return;
    }
    auto manifests = step.manifests;
    if (isUndo)
        std::ranges::reverse(manifests);
    for (const auto id : manifests)
        if (auto* manifest = m_session.find(id)) {
            if (isUndo)
                manifest->text().undo();
            else
                manifest->text().redo();
        }
    refresh();
}

} // namespace keelson::ui
