// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/outline_panel.h"

#include "models/kind_info.h"
#include "models/read.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QHeaderView>

namespace keelson::ui {

namespace {

using document::operator/;

constexpr int offsetRole = Qt::UserRole;
constexpr int iconRole = Qt::UserRole + 1;
constexpr int depthMax = 3;
constexpr std::size_t partsMax = 200;
const auto errorIcon = QStringLiteral("error");

std::string scalarAt(const document::Tree& tree, const document::Path& path)
{
    const auto id = tree.find(path);
    return id == document::noNode ? std::string() : tree.node(id).text;
}

/// "Service web" of a map that says so; empty for another.
QString objectTitle(const document::Tree& tree, document::NodeId id)
{
    const auto scalar = [&](document::NodeId map, const char* name) {
        const auto child = map == document::noNode ? document::noNode : tree.child(map, name);
        return child == document::noNode ? QString() : toText(tree.node(child).text);
    };
    const auto kind = scalar(id, "kind");
    if (kind.isEmpty())
        return {};
    return QStringList{kind, scalar(tree.child(id, "metadata"), "name")}.join(QLatin1Char(' ')).trimmed();
}

} // namespace

OutlinePanel::OutlinePanel(QWidget* parent) : QTreeWidget(parent)
{
    setHeaderHidden(true);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Outline"));
    setIndentation(14);
    setUniformRowHeights(true);
    const auto go = [this](QTreeWidgetItem* item) {
        if (item && !m_isSyncing)
            emit placeRequested(item->data(0, offsetRole).toULongLong());
    };
    connect(this, &QTreeWidget::itemActivated, this, go);
    connect(this, &QTreeWidget::itemClicked, this, go);
}

void OutlinePanel::addParts(const document::Tree& tree, document::NodeId id, std::size_t base, int depth, Place& place)
{
    if (depth > depthMax || id == document::noNode)
        return;
    const auto& node = tree.node(id);
    for (const auto& member : node.members) {
        if (place.parts.size() >= partsMax)
            return;
        const auto& value = tree.node(member.value);
        if (value.kind == document::NodeKind::Scalar && depth > 1)
            continue;
        Place part;
        part.offset = base + member.begin;
        if (member.key != document::noNode)
            part.title = toText(tree.keyText(member));
        else if (auto object = objectTitle(tree, member.value); !object.isEmpty())
            part.title = std::move(object); // of a List
        else if (const auto name = tree.child(member.value, "name"); name != document::noNode)
            part.title = toText(tree.node(name).text);
        else
            part.title = QStringLiteral("[%1]").arg(place.parts.size());
        if (value.kind != document::NodeKind::Scalar)
            addParts(tree, member.value, base, depth + 1, part);
        if (part.title != QLatin1String("apiVersion") && part.title != QLatin1String("kind"))
            place.parts.push_back(std::move(part));
    }
}

OutlinePanel::Place OutlinePanel::placeOf(const document::ManifestText& text, std::size_t document)
{
    const auto tree = text.tree(document);
    Place place;
    place.offset = text.offsetOf(document);
    place.icon = QStringLiteral("yaml");
    if (tree->root() == document::noNode) {
        place.title = tree->error() ? tr("Not YAML yet") : QString();
        return place;
    }
    place.offset += tree->node(tree->root()).begin;
    const auto kind = toText(scalarAt(*tree, {document::Step(std::string("kind"))}));
    const auto name = toText(scalarAt(*tree, document::Path{} / "metadata" / "name"));
    place.title = QStringList{kind.isEmpty() ? tr("Document") : kind, name}.join(QLatin1Char(' '));
    if (const auto* info = findKind(kind))
        place.icon = info->icon;
    addParts(*tree, tree->root(), text.offsetOf(document), 1, place);
    return place;
}

void OutlinePanel::setManifest(const Manifest* manifest, const std::map<std::size_t, int>& problems)
{
    std::vector<Place> places;
    for (std::size_t i = 0; manifest && i < manifest->text().documents(); ++i)
        if (!manifest->text().hasTree(i))
            return; // being read; until then the old one is the best there is
    for (std::size_t i = 0; manifest && i < manifest->text().documents(); ++i) {
        auto place = placeOf(manifest->text(), i);
        if (place.title.isEmpty())
            continue; // nothing but comments
        if (const auto found = problems.find(i); found != problems.end() && found->second > 0)
            place.icon = errorIcon;
        places.push_back(std::move(place));
    }
    m_isSyncing = true;
    const bool wasEmpty = topLevelItemCount() == 0;
    sync(invisibleRootItem(), places);
    if (wasEmpty && places.size() == 1)
        expandToDepth(1);
    m_isSyncing = false;
}

void OutlinePanel::sync(QTreeWidgetItem* parent, const std::vector<Place>& places)
{
    const auto count = static_cast<int>(places.size());
    while (parent->childCount() > count)
        delete parent->takeChild(parent->childCount() - 1);
    for (int i = 0; i < count; ++i) {
        const auto& place = places[static_cast<std::size_t>(i)];
        auto* item = parent->child(i);
        if (!item)
            item = new QTreeWidgetItem(parent);
        if (item->text(0) != place.title)
            item->setText(0, place.title);
        if (item->data(0, iconRole).toString() != place.icon) {
            item->setData(0, iconRole, place.icon);
            item->setIcon(0, place.icon.isEmpty()      ? QIcon()
                             : place.icon == errorIcon ? icon(place.icon, Theme::status(StatusRole::Error))
                                                       : icon(place.icon));
        }
        item->setData(0, offsetRole, static_cast<qulonglong>(place.offset));
        sync(item, place.parts);
    }
}

void OutlinePanel::setCursor(std::size_t offset)
{
    QTreeWidgetItem* best = nullptr;
    for (auto* parent = invisibleRootItem(); parent;) {
        QTreeWidgetItem* next = nullptr;
        for (int i = 0; i < parent->childCount(); ++i)
            if (parent->child(i)->data(0, offsetRole).toULongLong() <= offset)
                next = parent->child(i);
        if (next)
            best = next;
        parent = next && next->isExpanded() ? next : nullptr;
    }
    if (best && best != currentItem() && !hasFocus()) {
        m_isSyncing = true;
        setCurrentItem(best);
        m_isSyncing = false;
    }
}

} // namespace keelson::ui
