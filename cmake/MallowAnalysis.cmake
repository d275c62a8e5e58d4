# libmallow-analysis: the public reading library (include/mallow/snapshot.h), of the layers
# that read. Both kinds hold the same objects; the shared one exports only what that header
# declares, for all else is compiled hidden.
set(analysis_layers base heap store symbol analyze snapshot)
foreach(layer IN LISTS analysis_layers)
	list(APPEND analysis_objects $<TARGET_OBJECTS:mlw_${layer}>)
endforeach()
set(analysis_needs PkgConfig::SQLITE PkgConfig::ZSTD PkgConfig::XXHASH PkgConfig::LIBDW
	Iberty::Iberty)

add_library(libmallow_analysis SHARED ${analysis_objects})
target_link_libraries(libmallow_analysis PRIVATE mallow_outside ${analysis_needs})
# What it takes from static libraries (libiberty) is no part of it either.
target_link_options(libmallow_analysis PRIVATE -Wl,-z,now -Wl,-z,relro
	-Wl,--exclude-libs,ALL)
if(NOT MALLOW_SANITIZE)
	target_link_options(libmallow_analysis PRIVATE -Wl,--no-undefined)
endif()
set_target_properties(libmallow_analysis PROPERTIES OUTPUT_NAME mallow-analysis
	LINKER_LANGUAGE C VERSION ${PROJECT_VERSION} SOVERSION 0
	LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

add_library(libmallow_analysis_static STATIC ${analysis_objects})
set_target_properties(libmallow_analysis_static PROPERTIES OUTPUT_NAME mallow-analysis
	LINKER_LANGUAGE C ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
