// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/leaving.h"

#include "editor/manifest_session.h"
#include "editor/yaml_tab.h"

#include <QCoreApplication>
#include <QHash>
#include <QMessageBox>
#include <QPushButton>

namespace keelson::ui {

namespace {

constexpr qsizetype namesMax = 8;

QString tr(const char* text, int count = -1)
{
    return QCoreApplication::translate("keelson::ui::Leaving", text, nullptr, count);
}

QString namesOf(const Unfinished& unfinished)
{
    QStringList names;
    for (const auto& text : unfinished.texts)
        names << tr("%1: not applied").arg(text->title());
    for (const auto& manifest : unfinished.manifests)
        names << tr("%1: not saved").arg(manifest->name());
    if (const auto more = names.size() - namesMax; more > 0) {
        names.resize(namesMax);
        names << tr("and %n more", static_cast<int>(more));
    }
    return names.join(QLatin1Char('\n'));
}

} // namespace

void askBeforeLeaving(QWidget* window, const QString& title, const Unfinished& unfinished,
                      std::function<void(Parting)> answered)
{
    if (auto* asked = window->findChild<QMessageBox*>(QStringLiteral("leaving"))) {
        asked->raise();
        asked->activateWindow();
        return;
    }
    auto* box = new QMessageBox(QMessageBox::NoIcon, title,
                                tr("What you wrote is neither on the cluster nor in a file."), {}, window);
    box->setObjectName(QStringLiteral("leaving"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(namesOf(unfinished) + QStringLiteral("\n\n") +
                            tr("Copies come back when manifests are shown the next time."));
    QHash<QAbstractButton*, Parting> partings;
    const auto button = [&](const char* name, const QString& text, QMessageBox::ButtonRole role, Parting parting) {
        auto* made = box->addButton(text, role);
        made->setObjectName(QLatin1String(name));
        partings.insert(made, parting);
        return made;
    };
    if (!unfinished.texts.isEmpty())
        button("apply", tr("Apply…"), QMessageBox::AcceptRole, Parting::Apply);
    else
        button("save", tr("Save"), QMessageBox::AcceptRole, Parting::Save);
    auto* keep = button("keep", tr("Keep as copies"), QMessageBox::AcceptRole, Parting::Keep);
    button("discard", tr("Discard"), QMessageBox::DestructiveRole, Parting::Discard);
    auto* stay = button("stay", tr("Cancel"), QMessageBox::RejectRole, Parting::Stay);
    box->setDefaultButton(keep);
    box->setEscapeButton(stay);
    QObject::connect(box, &QDialog::finished, window, [box, partings, answered = std::move(answered)] {
        answered(partings.value(box->clickedButton(), Parting::Stay));
    });
    box->open();
}

} // namespace keelson::ui
